namespace PlexSync;

/// <summary>What to synchronise, and how.</summary>
public sealed class SyncOptions
{
    /// <summary>The limit on removals where <see cref="MaxRemovals"/> sets none: 20.</summary>
    public const int DefaultMaxRemovals = 20;

    /// <summary>Decides what each item should become (default <see cref="ConflictPolicies.Copy"/>).</summary>
    public IConflictPolicy Policy { get; set; } = ConflictPolicies.Copy;

    /// <summary>The libraries to synchronise, by title or key; all movie and show libraries if empty (default).</summary>
    public IReadOnlyList<string> Libraries { get; set; } = [];

    /// <summary>How many removals a plan may hold before it is refused whole; null (default) means 20, and no limit for an undo.</summary>
    /// <remarks>A removal un-watches an item, clears a position without marking the item watched, or lowers a view count.</remarks>
    public int? MaxRemovals { get; set; }
}
