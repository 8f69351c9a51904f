using System.Text;
using System.Text.Json;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Configuration;

/// <summary>
/// The names that earlier runs came across, so that a shell can complete them and ask nobody. Titles only, and a convenience: whatever goes
/// wrong, there are none.
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

    private static readonly string[] Kinds = [Users, Libraries, Servers];

    private Dictionary<string, string[]>? _names;

    public IReadOnlyList<string> Of(string kind) => (_names ??= Read()).GetValueOrDefault(kind) ?? [];

    /// <summary>Remembers all there are of a kind.</summary>
    public void Replace(string kind, IEnumerable<string> names) => Store(kind, names);

    /// <summary>Remembers some of a kind, besides those that are known.</summary>
    public void Add(string kind, IEnumerable<string> names) => Store(kind, Of(kind).Concat(names));

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
