namespace PlexSync.Testing;

/// <summary>A collection of a library.</summary>
public sealed class CollectedItems
{
    /// <summary>Identifies it on its server.</summary>
    public required string RatingKey { get; init; }

    /// <summary>The title.</summary>
    public required string Title { get; set; }

    /// <summary>The rating keys of the movies, shows, seasons and episodes in it.</summary>
    public IList<string> Items { get; } = [];

    /// <summary>The title.</summary>
    public override string ToString() => Title;
}
