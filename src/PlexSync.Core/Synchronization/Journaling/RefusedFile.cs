using System.Text.Json;

namespace PlexSync;

/// <summary>Remembers, for one target, what its server did not keep: written again, it would be written on every run.</summary>
internal static class RefusedFile
{
    private const string Name = "refused.json";

    /// <summary>The changes; none where the file is missing or damaged, since all it saves is one more attempt.</summary>
    public static List<PlannedChange> Read(string root, string folder)
    {
        var path = Path.Combine(folder, Name);
        OwnerOnly.CheckFile(root, path);
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, FileJsonContext.Compact.ListWireChange)?.ConvertAll(PlanMapping.ToChange) ?? [];
        }
        catch (Exception e) when (FileJournal.IsOfFiles(e) || e is JsonException or PlexException or ArgumentException or FormatException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>Adds what the run found refused, and forgets what it wrote.</summary>
    public static void Update(string root, string folder, SyncReport report)
    {
        var refused = report.Results.Where(static result => result.Error?.Kind is PlexErrorKind.DidNotStick || result.SkipReason is SkipReason.OwnersRating).Select(static result => result.Change).ToList();
        var known = Read(root, folder);
        var written = report.Results.Where(static result => result.Left is not null).Select(static result => result.Change.Key).ToHashSet();
        if (refused.Count == 0 && !known.Exists(change => written.Contains(change.Key)))
        {
            return;
        }

        var kept = known.Where(change => !written.Contains(change.Key)).Concat(refused).Select(PlanMapping.ToWire).ToList();
        OwnerOnly.Replace(Path.Combine(folder, Name), file => JsonSerializer.Serialize(file, kept, FileJsonContext.Compact.ListWireChange));
    }
}
