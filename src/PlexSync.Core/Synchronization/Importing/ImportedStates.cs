namespace PlexSync;

/// <summary>What a history outside of Plex says that one user has seen.</summary>
/// <remarks>
/// <see cref="ReadAsync"/> reads the JSON that anybody can write (docs/import.md); <see cref="TautulliHistory"/> and
/// <see cref="TautulliClient"/> read what Tautulli has recorded. Or make one of your own from anything else.
/// </remarks>
public sealed class ImportedStates
{
    /// <summary>How many entries are named that nothing can be made of; all of them are counted.</summary>
    public const int MostNamed = 1000;

    /// <summary>Whose history it is, where that is known: the id is that of plex.tv.</summary>
    public UserReference? User { get; init; }

    /// <summary>The items, each with all that is said of it.</summary>
    public required IReadOnlyList<ImportedState> Items { get; init; }

    /// <summary>How many entries were read of that user, those among them that are not used.</summary>
    public long Entries { get; init; }

    /// <summary>Entries that nothing can be made of; the first <see cref="MostNamed"/> of them.</summary>
    public IReadOnlyList<UnusableEntry> Unusable { get; init; } = [];

    /// <summary>How many entries nothing can be made of.</summary>
    public long UnusableCount { get; init; }

    /// <summary>How many entries are of a kind that is not imported: <c>track</c>, <c>clip</c>, <c>live</c>, <c>playing</c>…</summary>
    public IReadOnlyDictionary<string, long> OtherKinds { get; init; } = new Dictionary<string, long>();

    /// <summary>How much it is, and of whom.</summary>
    public override string ToString() => $"{Items.Count} items of {User?.Title ?? "somebody"}, from {Entries} entries";

    /// <summary>Reads a document of the format <c>plexsync-states</c>, version 1 (docs/import.md).</summary>
    /// <param name="input">The JSON, read as it comes and not closed.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>What it says; entries that are damaged or name no item are left out and named.</returns>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.InvalidFile"/> when it is something else, or cut; <see cref="PlexErrorKind.UnsupportedVersion"/> when the
    /// format is newer than this version of PlexSync.
    /// </exception>
    public static Task<ImportedStates> ReadAsync(Stream input, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        return StatesReader.ReadAsync(input, cancellationToken);
    }
}

/// <summary>What <see cref="WatchStateSynchronizer.PlanImportAsync"/> makes of a history.</summary>
public sealed class ImportOptions
{
    /// <summary>
    /// Items of which the history only knows a percentage get a position that is about right, unless the user has a state on them (default
    /// false: they are skipped as <see cref="SkipReason.PositionApproximate"/>).
    /// </summary>
    public bool ApproximatePositions { get; set; }

    /// <summary>The libraries to look for the items in, by title or key; all movie and show libraries if empty (default).</summary>
    public IReadOnlyList<string> Libraries { get; set; } = [];

    /// <summary>Nothing is sent, not even what completes a run that was killed (default false).</summary>
    public bool DryRun { get; set; }

    /// <summary>What is asked for.</summary>
    public override string ToString() =>
        $"{(ApproximatePositions ? "approximate" : "exact")} positions, {Libraries.Count} libraries named{(DryRun ? ", dry run" : "")}";
}
