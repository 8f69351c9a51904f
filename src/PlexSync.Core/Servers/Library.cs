namespace PlexSync;

/// <summary>A library of a server, as one user sees it.</summary>
public sealed record Library
{
    /// <summary>Identifies the library on this server.</summary>
    public required LibraryKey Key { get; init; }

    /// <summary>The name its owner gave it.</summary>
    public required string Title { get; init; }

    /// <summary>
    /// What the library holds, as the server calls it: <c>movie</c>, <c>show</c>, <c>artist</c>, <c>photo</c> or something newer.
    /// </summary>
    public required string Type { get; init; }

    /// <summary>The type of the items that can be watched or listened to; null where there are none that PlexSync knows.</summary>
    public MediaType? ItemType => Type switch
    {
        "movie" => MediaType.Movie,
        "show" => MediaType.Episode,
        "artist" => MediaType.Track,
        _ => null,
    };

    /// <summary>The name and the key.</summary>
    public override string ToString() => $"{Title} (key:{Key})";
}
