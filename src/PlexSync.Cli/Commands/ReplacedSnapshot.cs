using System.Text.Json;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>A snapshot that is to be replaced: only where that was asked for, and only by one of the same user and server.</summary>
internal sealed class ReplacedSnapshot
{
    private const string Format = "plexsync-snapshot";

    /// <summary>More than the first line of any snapshot.</summary>
    private const int MaxLength = 1024 * 1024;

    private readonly string _path;
    private readonly string _machine;
    private readonly string _server;
    private readonly long _id;
    private readonly string _user;

    private ReplacedSnapshot(string path, JsonElement header)
    {
        _path = path;
        var (server, user) = (header.GetProperty("server"), header.GetProperty("user"));
        (_machine, _server) = (server.GetProperty("machineIdentifier").GetString()!, server.GetProperty("name").GetString()!);
        (_id, _user) = (user.GetProperty("id").GetInt64(), user.GetProperty("title").GetString()!);
    }

    /// <summary>What would be replaced; null where there is nothing.</summary>
    /// <exception cref="CliException">It was not asked for, or what is there is no snapshot.</exception>
    public static ReplacedSnapshot? Find(OutputFile file, bool mayOverwrite)
    {
        if (!file.ReplacesSomething)
        {
            return null;
        }

        if (!mayOverwrite)
        {
            throw new CliException(CliException.Configuration, "Snapshot_Exists", file.Path, "--overwrite");
        }

        return TryRead(file.Path) ?? throw new CliException(CliException.Configuration, "Snapshot_NotReplaced", file.Path);
    }

    /// <summary>Refuses to put the snapshot of another user or server in its place.</summary>
    public void Require(PlexServer server, PlexUser user)
    {
        if (_machine != server.MachineIdentifier.ToString() || _id != user.Id.Value)
        {
            throw new CliException(CliException.Configuration, "Snapshot_OfAnother", _path, _user, _server);
        }
    }

    private static ReplacedSnapshot? TryRead(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var text = new char[MaxLength];
            var start = text.AsMemory(0, reader.ReadBlock(text, 0, MaxLength));
            var end = start.Span.IndexOf('\n');
            using var header = JsonDocument.Parse(end < 0 ? start : start[..end]);
            return header.RootElement.GetProperty("format").GetString() == Format ? new ReplacedSnapshot(path, header.RootElement) : null;
        }
        catch (Exception e) when (
            TextFile.IsUnusable(e) || e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }
}
