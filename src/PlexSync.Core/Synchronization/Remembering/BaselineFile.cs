using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace PlexSync;

/// <summary>Baselines in a folder: a file for each pair.</summary>
internal static class BaselineFile
{
    private const string Format = "plexsync-baseline";
    private const int Version = 1;

    /// <summary>A file that is missing, damaged or from another version remembers nothing: then nothing is taken away.</summary>
    public static Baseline? Read(string root, string folder, BaselineSide one, BaselineSide other)
    {
        var expected = new Baseline(one, other);
        var found = Read(root, PathOf(folder, expected));
        return found?.One == expected.One && found.Other == expected.Other ? found : null;
    }

    /// <summary>To be called under the lock of the folder, like <see cref="Forget"/>.</summary>
    public static void Write(string folder, Baseline baseline)
    {
        OwnerOnly.Replace(PathOf(folder, baseline), file => JsonSerializer.Serialize(
            file,
            new WireBaseline
            {
                Format = Format,
                Version = Version,
                One = ToWire(baseline.One),
                Other = ToWire(baseline.Other),
                Armed = baseline.IsArmed,
                Items = ToWire(baseline.Items),
            },
            FileJsonContext.Compact.WireBaseline));
    }

    public static void Forget(string root, string folder, BaselineSide side, IReadOnlySet<string> items)
    {
        foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json") : [])
        {
            if (Path.GetFileName(path).Contains(NameOf(side), StringComparison.Ordinal) && Read(root, path) is { } baseline
                && (baseline.One == side || baseline.Other == side) && baseline.Remove(side, items))
            {
                Write(folder, baseline);
            }
        }
    }

    private static Baseline? Read(string root, string path)
    {
        OwnerOnly.CheckFolder(root, Path.GetDirectoryName(path)!);
        OwnerOnly.CheckFile(root, path);
        try
        {
            using var file = File.OpenRead(path);
            var wire = JsonSerializer.Deserialize(file, FileJsonContext.Compact.WireBaseline);
            if (wire is not { Format: Format, Version: Version } || ToSide(wire.One) is not { } one || ToSide(wire.Other) is not { } other)
            {
                return null;
            }

            var baseline = new Baseline(one, other) { IsArmed = wire.Armed };
            foreach (var text in wire.Items ?? [])
            {
                var end = text?.LastIndexOf(' ') ?? -1;
                if (end < 0
                    || !ulong.TryParse(text.AsSpan(end + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var work)
                    || !Array.TrueForAll(text![..end].Split(' ', 2), static key => RatingKey.TryParse(key, out _)))
                {
                    return null;
                }

                baseline.Add(text[..end], work);
            }

            return baseline;
        }
        catch (Exception e) when (
            FileJournal.IsOfFiles(e) || e is JsonException or ArgumentException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<string> ToWire(IReadOnlyDictionary<string, ulong> items)
    {
        foreach (var (keys, work) in items)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{keys} {work:x}");
        }
    }

    private static WireBaselineSide ToWire(BaselineSide side) => new() { Server = $"{side.Server}", User = side.User.Value };

    private static BaselineSide? ToSide(WireBaselineSide? wire) =>
        MachineIdentifier.TryParse(wire?.Server, out var server) ? new BaselineSide(server, new UserId(wire!.User)) : null;

    private static string PathOf(string folder, Baseline baseline) =>
        Path.Combine(folder, $"{NameOf(baseline.One)}-{NameOf(baseline.Other)}.json");

    private static string NameOf(BaselineSide side) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{side}")), 0, 8);
}

/// <summary>The pair files under their lock.</summary>
internal sealed class BaselineChanges(string root, string folder, IDisposable guard) : IBaselineChanges
{
    public Baseline? Read(BaselineSide one, BaselineSide other) =>
        FileJournal.Guarded(folder, () => BaselineFile.Read(root, folder, one, other));

    public void Write(Baseline baseline) => FileJournal.Guarded(folder, () => BaselineFile.Write(folder, baseline));

    public void Dispose() => guard.Dispose();
}
