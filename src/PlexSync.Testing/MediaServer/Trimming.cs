namespace PlexSync.Testing.MediaServer;

/// <summary>What a request wants left out or added (plex-facts §1.5).</summary>
internal sealed class Trimming(HashSet<string> elements, HashSet<string> fields, bool guids, bool details, bool ofLibrary)
{
    public static readonly Trimming None = new([], [], guids: false, details: false, ofLibrary: false);

    /// <summary>External ids come with includeGuids=1, and always with an item's own metadata (plex-facts §4.2).</summary>
    public bool Guids { get; } = guids && !elements.Contains("Guid");

    /// <summary>The item itself was asked for, not a listing.</summary>
    public bool Details { get; } = details;

    /// <summary>A library was asked for its items of one type.</summary>
    public bool OfLibrary { get; } = ofLibrary;

    public static Trimming Of(SimulatedRequest request, ServerSwitches switches, bool details)
    {
        var guids = details || request["includeGuids"] == "1";
        var ofLibrary = request.Path.StartsWith("/library/sections/", StringComparison.Ordinal);
        return switches.IgnoresTrimming
            ? new Trimming([], [], guids, details, ofLibrary)
            : new Trimming(Set("excludeElements"), Set("excludeFields"), guids, details, ofLibrary);

        HashSet<string> Set(string name) => request[name] is { } list ? [.. list.Split(',')] : [];
    }

    public bool Keeps(string element) => !elements.Contains(element);

    public bool KeepsField(string field) => fields.Count == 0 || !fields.Contains(field);
}
