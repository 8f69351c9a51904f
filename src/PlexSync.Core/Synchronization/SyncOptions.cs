namespace PlexSync;

/// <summary>What to synchronise, and how.</summary>
public sealed class SyncOptions
{
    /// <summary>The default of <see cref="MaxRemovals"/>: 20.</summary>
    public const int DefaultMaxRemovals = 20;

    /// <summary>Decides what each item should become (default <see cref="ConflictPolicies.Copy"/>).</summary>
    public IConflictPolicy Policy { get; set; } = ConflictPolicies.Copy;

    /// <summary>The libraries to synchronise, by title or key; all movie and show libraries if empty (default).</summary>
    public IReadOnlyList<string> Libraries { get; set; } = [];

    /// <summary>How many removals a plan may hold before it is refused whole (default 20).</summary>
    /// <remarks>
    /// A removal un-watches an item, clears a position without marking the item watched, or lowers a view count. No built-in policy removes.
    /// </remarks>
    public int MaxRemovals { get; set; } = DefaultMaxRemovals;
}
