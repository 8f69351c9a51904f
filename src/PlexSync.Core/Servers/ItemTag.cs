namespace PlexSync;

/// <summary>A label that items of a library have, or a collection of the library.</summary>
/// <param name="Library">The library.</param>
/// <param name="Key">The number of the label on this server; of a collection, its rating key.</param>
/// <param name="Title">Its name.</param>
/// <param name="ListedAs">By which number a listing asks for the items that have the label; null for a collection.</param>
internal sealed record ItemTag(Library Library, string Key, string Title, int? ListedAs);

/// <summary>
/// Items that have one of several tags. A show stands for all its episodes, a season for its own, an artist for all tracks.
/// </summary>
internal sealed class TaggedItems
{
    private readonly HashSet<RatingKey> _keys = [];
    private readonly HashSet<(RatingKey Show, int Number)> _seasons = [];

    /// <summary>Adds what a listing tells; a season without its show or its number stands for nothing.</summary>
    public void Add(WireMetadata row)
    {
        if (row.Key is not { } key)
        {
            return;
        }

        if (row.Type != "season")
        {
            _keys.Add(key);
        }
        else if (RatingKey.TryParse(row.ParentRatingKey, out var show) && WireMetadata.ToNumber(row.Index) is { } number)
        {
            _seasons.Add((show, number));
        }
    }

    /// <param name="item">A movie, an episode or a track.</param>
    /// <param name="show">Its show or artist; none for a movie.</param>
    /// <param name="season">The number of its season; of a track, that of its disc.</param>
    public bool Contain(RatingKey item, RatingKey show, int season) =>
        _keys.Contains(item) || (show != default && (_keys.Contains(show) || _seasons.Contains((show, season))));
}
