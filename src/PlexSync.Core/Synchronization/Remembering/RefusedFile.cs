using System.Text.Json;

namespace PlexSync;

/// <summary>Remembers for a while, for one target, what its server did not keep: written again, it would be written on every run.</summary>
internal static class RefusedFile
{
    private const string Name = "refused.json";

    /// <summary>After this a change is tried again: the server may have been repaired or replaced.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromDays(7);

    /// <summary>The changes; none where the file is missing or damaged, since all it saves is one more attempt.</summary>
    public static List<PlannedChange> Read(string root, string folder, DateTimeOffset now) =>
        Load(root, folder, now).ConvertAll(static refused => refused.Change);

    /// <summary>Adds what the run found refused, and forgets what it wrote.</summary>
    public static void Update(string root, string folder, SyncReport report, DateTimeOffset now)
    {
        var refused = report.Results.Where(IsRefused).Select(result => new Refused(result.Change, now)).ToList();
        var written = report.Results.Where(static result => result.StateAfterRun is not null && !IsRefused(result))
            .Select(static result => result.Change.Key)
            .ToHashSet();
        var known = Load(root, folder, now);
        if (refused.Count == 0 && !known.Exists(old => written.Contains(old.Change.Key)))
        {
            return;
        }

        var kept = refused.Concat(known.Where(old => !written.Contains(old.Change.Key)))
            .DistinctBy(static one => one.Change.Key)
            .Select(ToWire)
            .ToList();
        OwnerOnly.Replace(Path.Combine(folder, Name), file => JsonSerializer.Serialize(file, kept, FileJsonContext.Compact.ListWireChange));
    }

    private static bool IsRefused(ChangeResult result) =>
        result.Error?.Kind is PlexErrorKind.DidNotStick or PlexErrorKind.PositionCounted || result.SkipReason is SkipReason.OwnersRating;

    private static List<Refused> Load(string root, string folder, DateTimeOffset now)
    {
        var path = Path.Combine(folder, Name);
        OwnerOnly.CheckFile(root, path);
        try
        {
            using var file = File.OpenRead(path);
            // Older versions recorded no date; the file's own is the latest that it can be.
            var writtenAt = File.GetLastWriteTimeUtc(path);
            var refused = JsonSerializer.Deserialize(file, FileJsonContext.Compact.ListWireChange)
                ?.ConvertAll(wire => new Refused(PlanMapping.ToChange(wire), PlanMapping.ToDate(wire.RefusedAt ?? writtenAt))) ?? [];
            // A clock that was ahead then must not keep anything for longer.
            return refused.FindAll(one => (now - one.At).Duration() < Life);
        }
        catch (Exception e) when (
            FileJournal.IsOfFiles(e)
                || e is JsonException or PlexException or ArgumentException or FormatException or InvalidOperationException)
        {
            return [];
        }
    }

    private static WireChange ToWire(Refused refused)
    {
        var wire = PlanMapping.ToWire(refused.Change);
        wire.RefusedAt = refused.At.UtcDateTime;
        return wire;
    }

    private sealed record Refused(PlannedChange Change, DateTimeOffset At);
}
