using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace PlexSync;

/// <summary>An identifier of a work in some catalogue, as a number: there are a million of them in memory at once.</summary>
/// <param name="Value">Four bits for the catalogue, four for the type of the item, the rest for the identifier.</param>
internal readonly record struct WorkId(ulong Value)
{
    /// <summary>Plex's own catalogue; the others take precedence over it, and two servers may differ on it (plex-facts §11.13).</summary>
    private const int Plex = 15;

    /// <summary>What other agents call a work, each in its own way.</summary>
    private const int OtherAgents = 14;

    /// <summary>Its ids are only certain where they name their catalogue themselves.</summary>
    private const int None = 0;

    private const int Imdb = 1;
    private const int Tmdb = 2;
    private const int Tvdb = 3;
    private const int Mbid = 4;

    private const int Bits = 56;

    /// <summary>More than any item has.</summary>
    private const int MostIds = 64;

    /// <summary>
    /// The catalogues that are believed, by the scheme of <c>Guid</c> elements and by the agents that were used before there were any.
    /// </summary>
    /// <remarks>
    /// XBMCnfo takes the id that an .nfo file has, which is imdb's where it begins with "tt"; a bare number is some catalogue's, or made
    /// from title and year (github.com/gboudreau/XBMCnfoMoviesImporter.bundle). HAMA names the catalogue, "tmdb" its films, "tsdb" its
    /// series; "tvdb2" and the like number the episodes anew, and a film's "tvdb" is a series (README of
    /// github.com/ZeroQI/Absolute-Series-Scanner; plex-facts §14.4).
    /// </remarks>
    private static readonly (string Scheme, int Catalogue, MediaType? Only)[] Catalogues =
    [
        ("imdb://", Imdb, null), ("tmdb://", Tmdb, null), ("tvdb://", Tvdb, null), ("mbid://", Mbid, null),
        ("com.plexapp.agents.imdb://", Imdb, null), ("com.plexapp.agents.themoviedb://", Tmdb, null),
        ("com.plexapp.agents.thetvdb://", Tvdb, null),
        ("com.plexapp.agents.xbmcnfo://", None, null), ("com.plexapp.agents.xbmcnfotv://", None, null),
        ("com.plexapp.agents.hama://imdb-", Imdb, null), ("com.plexapp.agents.hama://tmdb-", Tmdb, MediaType.Movie),
        ("com.plexapp.agents.hama://tsdb-", Tmdb, MediaType.Show), ("com.plexapp.agents.hama://tvdb-", Tvdb, MediaType.Show),
    ];

    /// <summary>Two items that differ within one of these are different works.</summary>
    public bool IsExternal => Catalogue < OtherAgents;

    /// <summary>Plex's own; on one server, two items that differ in it are different works.</summary>
    public bool IsPlex => Catalogue == Plex;

    public int Catalogue => (int)(Value >> 60);

    /// <summary>Everything that identifies an item beyond its server; empty where nothing does.</summary>
    public static WorkId[] Of(MediaItem item)
    {
        var ids = new Collected(stackalloc WorkId[MostIds]);
        foreach (var id in item.ExternalIds)
        {
            ids.AddExternal(id, item.Type);
        }

        return ids.WithGuid(item.PlexGuid, item.Type);
    }

    /// <inheritdoc cref="Of(MediaItem)"/>
    public static WorkId[] Of(in ItemRow row)
    {
        var ids = new Collected(stackalloc WorkId[MostIds]);
        for (var rest = row.ExternalIds; !rest.IsEmpty;)
        {
            var end = rest.IndexOf('\n') is >= 0 and var found ? found : rest.Length;
            ids.AddExternal(rest[..end], row.Type);
            rest = rest[Math.Min(end + 1, rest.Length)..];
        }

        return ids.WithGuid(row.PlexGuid, row.Type);
    }

    /// <summary>Both are in one external catalogue, and not as the same work.</summary>
    public static bool Contradict(WorkId[] one, WorkId[] other) => Array.Exists(one, id =>
        id.IsExternal
        && Array.Exists(other, their => their.Catalogue == id.Catalogue)
        && !Array.Exists(one, mine => mine.Catalogue == id.Catalogue && Array.IndexOf(other, mine) >= 0));

    /// <summary>True for what is of one of the catalogues, even where it identifies nothing there.</summary>
    private static bool TryExternal(ReadOnlySpan<char> text, MediaType type, out WorkId? id)
    {
        id = null;
        foreach (var (scheme, catalogue, only) in Catalogues)
        {
            if (text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            {
                // "com.plexapp.agents.thetvdb://121361/1/2?lang=en" names an episode by its show: no identifier of the episode.
                var value = text[scheme.Length..];
                var end = value.IndexOf('?');
                value = end < 0 ? value : value[..end];
                var actual = IsImdb(value) && catalogue != Mbid ? Imdb : catalogue;
                id = actual == None || (only is { } wanted && wanted != type) || value.Contains('/') || IsNothing(value) ? null
                    : new WorkId(((ulong)actual << 60) | TypeBits(type) | ToNumber(value));
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Items that no agent knows have a number of the server's own, or none, and <c>com.plexapp.agents.hama://anidb-17494/1/7</c> names an
    /// episode by its show: these identify nothing elsewhere.
    /// </summary>
    private static bool IsUnknown(ReadOnlySpan<char> guid, MediaType type) =>
        guid.StartsWith("local://", StringComparison.OrdinalIgnoreCase) || guid.Contains(".none://", StringComparison.OrdinalIgnoreCase)
        || !guid.Contains("://", StringComparison.Ordinal)
        || (type == MediaType.Episode && WithoutQuery(guid).ToString().Split('/') is [_, _, _, .., var season, var number]
            && IsCount(season) && IsCount(number));

    private static WorkId ToAgent(int agents, ReadOnlySpan<char> guid, MediaType type) =>
        new(((ulong)agents << 60) | TypeBits(type) | Hash(WithoutQuery(guid)));

    private static ReadOnlySpan<char> WithoutQuery(ReadOnlySpan<char> guid) => guid.IndexOf('?') is >= 0 and var end ? guid[..end] : guid;

    /// <summary>A number, or the day of a daily show.</summary>
    private static bool IsCount(string text) => text.Length > 0 && text.All(static letter => char.IsAsciiDigit(letter) || letter == '-');

    private static bool IsImdb(ReadOnlySpan<char> text) =>
        text.StartsWith("tt", StringComparison.OrdinalIgnoreCase) && text.Length > 2 && !text[2..].ContainsAnyExceptInRange('0', '9');

    /// <summary>No catalogue numbers anything 0: it is written where an id is not known.</summary>
    private static bool IsNothing(ReadOnlySpan<char> text) => text.IsEmpty || !(IsImdb(text) ? text[2..] : text).ContainsAnyExcept('0');

    /// <summary>The numbers of two types have nothing to do with each other, even in one catalogue.</summary>
    private static ulong TypeBits(MediaType type) => (ulong)(type.ListingNumber ?? 0) << Bits;

    private static ulong ToNumber(ReadOnlySpan<char> text)
    {
        var digits = IsImdb(text) ? text[2..] : text;
        return ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >> (Bits - 1) == 0
            ? number
            : Hash(text) | (1UL << (Bits - 1));
    }

    /// <summary>
    /// No secret and no proof: a server that wanted to pass one work for another could simply send the other's identifier.
    /// </summary>
    private static ulong Hash(ReadOnlySpan<char> text) => XxHash64.HashToUInt64(MemoryMarshal.AsBytes(text)) >> (64 - Bits);

    /// <summary>The identifiers of one item, each once.</summary>
    private ref struct Collected(Span<WorkId> ids)
    {
        private readonly Span<WorkId> _ids = ids;
        private int _count;

        public void AddExternal(ReadOnlySpan<char> text, MediaType type)
        {
            _ = TryExternal(text, type, out var id);
            Add(id);
        }

        /// <summary>With the item's own identifier, if it has one.</summary>
        public WorkId[] WithGuid(ReadOnlySpan<char> guid, MediaType type)
        {
            if (!guid.IsEmpty)
            {
                Add(guid.StartsWith("plex://", StringComparison.OrdinalIgnoreCase) ? ToAgent(Plex, guid, type)
                    : TryExternal(guid, type, out var id) || IsUnknown(guid, type) ? id
                    : ToAgent(OtherAgents, guid, type));
            }

            return _ids[.._count].ToArray();
        }

        private void Add(WorkId? id)
        {
            if (id is { } some && _count < _ids.Length && !_ids[.._count].Contains(some))
            {
                _ids[_count++] = some;
            }
        }
    }
}
