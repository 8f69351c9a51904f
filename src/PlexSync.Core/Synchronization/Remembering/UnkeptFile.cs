using System.Text.Json;

namespace PlexSync;

/// <summary>Reads and writes the file of changes that the server of a target did not keep.</summary>
internal static class UnkeptFile
{
    private const string Name = "refused.json";

    /// <summary>The changes; none if the file is missing or damaged, which costs only one more attempt.</summary>
    public static List<UnkeptChange> Read(string root, string folder)
    {
        var path = Path.Combine(folder, Name);
        OwnerOnly.CheckFile(root, path);
        try
        {
            using var file = File.OpenRead(path);
            // Older versions recorded no date; the time of the file is the latest possible one.
            var writtenAt = File.GetLastWriteTimeUtc(path);
            return JsonSerializer.Deserialize(file, FileJsonContext.Compact.ListWireChange)
                ?.ConvertAll(wire => new UnkeptChange(PlanMapping.ToChange(wire), PlanMapping.ToDate(wire.RefusedAt ?? writtenAt))) ?? [];
        }
        catch (Exception e) when (
            FileFailure.IsOfFiles(e)
                || e is JsonException or PlexException or ArgumentException or FormatException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>Adds what the run found unkept, and forgets what it wrote and what is too old to count.</summary>
    public static void Update(string root, string folder, SyncReport report, DateTimeOffset now)
    {
        var known = Read(root, folder).FindAll(one => one.IsCurrent(now));
        var unkept = UnkeptChange.Update(known, report, now);
        if (unkept != known)
        {
            OwnerOnly.Replace(
                Path.Combine(folder, Name),
                file => JsonSerializer.Serialize(file, unkept.Select(ToWire).ToList(), FileJsonContext.Compact.ListWireChange));
        }
    }

    private static WireChange ToWire(UnkeptChange unkept)
    {
        var wire = PlanMapping.ToWire(unkept.Change);
        wire.RefusedAt = unkept.At.UtcDateTime;
        return wire;
    }
}
