using System.Text;
using System.Text.Json;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Configuration;

/// <summary>
/// The names that earlier runs came across, so that a shell can complete them and ask nobody; and where servers answered, so that the next
/// run looks there first. No secrets, and a convenience: whatever goes wrong, there are none.
/// </summary>
/// <param name="path">The file; null where there is no place for it.</param>
internal sealed class NameCache(string? path)
{
    public const string Users = "users";
    public const string Libraries = "libraries";
    public const string Servers = "servers";

    /// <summary>More than anybody chooses from, and little enough to be read in no time.</summary>
    private const int MaxNames = 400;
    private const int MaxLength = 200;

    /// <summary>Each with the name that the server was asked for by; alone where it is the only one.</summary>
    private const string Addresses = "addresses";

    private static readonly string[] Kinds = [Users, Libraries, Servers, Addresses];

    private Dictionary<string, string[]>? _names;

    public IReadOnlyList<string> Of(string kind) => (_names ??= Read()).GetValueOrDefault(kind) ?? [];

    /// <summary>Remembers all there are of a kind.</summary>
    public void Replace(string kind, IEnumerable<string> names) => Store(kind, names);

    /// <summary>Remembers some of a kind, besides those that are known.</summary>
    public void Add(string kind, IEnumerable<string> names) => Store(kind, Of(kind).Concat(names));

    /// <summary>Where the server answered that was asked for by this name; null where that is not known.</summary>
    public Uri? AddressOf(string? server) =>
        Uri.TryCreate(FindAddress(server)?.Split(' ')[0], UriKind.Absolute, out var address) ? address : null;

    /// <summary>Remembers where a server answered.</summary>
    public void Add(string? server, Uri address)
    {
        var before = FindAddress(server);
        var now = $"{address.AbsoluteUri} {server}".TrimEnd();
        if (before != now)
        {
            Store(Addresses, Of(Addresses).Where(known => known != before).Prepend(now));
        }
    }

    private string? FindAddress(string? server) => Of(Addresses).FirstOrDefault(
        known => known.IndexOf(' ', StringComparison.Ordinal) is var space && (space < 0 ? null : known[(space + 1)..]) == server);

    private void Store(string kind, IEnumerable<string> names)
    {
        var usable = names.Where(IsUsable).Distinct(StringComparer.Ordinal).Take(MaxNames).ToArray();
        if (path is not null && !Of(kind).SequenceEqual(usable, StringComparer.Ordinal))
        {
            _names![kind] = usable;
            Write(path, _names);
        }
    }

    private Dictionary<string, string[]> Read()
    {
        var names = new Dictionary<string, string[]>();
        try
        {
            if (path is null)
            {
                return names;
            }

            OwnerOnly.CheckFile(Path.GetDirectoryName(path)!, path);
            if (TextFile.TryRead(path) is not { } text)
            {
                return names;
            }

            using var document = JsonDocument.Parse(text);
            foreach (var kind in Kinds)
            {
                var known = new List<string>();
                if (kind == Addresses && !document.RootElement.TryGetProperty(kind, out _))
                {
                    // The file of an older version has none.
                    continue;
                }

                foreach (var name in document.RootElement.GetProperty(kind).EnumerateArray())
                {
                    known.Add(name.GetString() ?? "");
                }

                names[kind] = known.Where(IsUsable).Take(MaxNames).ToArray();
            }
        }
        catch (Exception e) when (
            e is CliException or JsonException or InvalidOperationException or KeyNotFoundException or NotPrivateException)
        {
            // Not what was written here: the next run that learns something writes it anew.
        }

        return names;
    }

    /// <summary>What would reach a terminal changed is no name that could be typed.</summary>
    private static bool IsUsable(string name) => name.Length is > 0 and <= MaxLength && name.Trim() == name && Texts.Clean(name) == name;

    private static void Write(string path, Dictionary<string, string[]> names)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, JsonOutput.Readable))
        {
            writer.WriteStartObject();
            foreach (var kind in Kinds)
            {
                writer.WriteStartArray(kind);
                foreach (var name in names.GetValueOrDefault(kind) ?? [])
                {
                    writer.WriteStringValue(name);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        try
        {
            PrivateFile.Write(path, Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length), overwrite: true);
        }
        catch (Exception e) when (TextFile.IsUnusable(e))
        {
            // The next run tries again.
        }
    }
}
