using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PlexSync;

/// <summary>An identifier of a work in some catalogue, as a number: there are a million of them in memory at once.</summary>
/// <param name="Value">Four bits for the catalogue, four for the type of the item, the rest for the identifier.</param>
internal readonly record struct WorkId(ulong Value)
{
    /// <summary>Plex's own catalogue; the others take precedence over it, and two servers may differ on it (sheet §11.13).</summary>
    private const int Plex = 15;

    /// <summary>What other agents call a work, each in its own way.</summary>
    private const int OtherAgents = 14;

    private const int Bits = 56;

    /// <summary>The catalogues that are believed, by the scheme of <c>Guid</c> elements and by the agents that were used before there were any.</summary>
    private static readonly (string Scheme, int Catalogue)[] Catalogues =
    [
        ("imdb://", 1), ("tmdb://", 2), ("tvdb://", 3), ("mbid://", 4),
        ("com.plexapp.agents.imdb://", 1), ("com.plexapp.agents.themoviedb://", 2), ("com.plexapp.agents.thetvdb://", 3),
    ];

    /// <summary>Two items that differ within one of these are different works.</summary>
    public bool IsExternal => Catalogue < OtherAgents;

    /// <summary>Plex's own; on one server, two items that differ in it are different works.</summary>
    public bool IsPlex => Catalogue == Plex;

    public int Catalogue => (int)(Value >> 60);

    /// <summary>Everything that identifies an item beyond its server; empty where nothing does.</summary>
    public static WorkId[] Of(MediaItem item)
    {
        var ids = new WorkId[item.ExternalIds.Count + 1];
        var count = 0;
        foreach (var text in item.ExternalIds)
        {
            _ = TryExternal(text, item.Type, out var id);
            Add(id);
        }

        if (item.PlexGuid is { } guid)
        {
            Add(TryExternal(guid, item.Type, out var id) ? id : ToPlex(guid, item.Type));
        }

        Array.Resize(ref ids, count);
        return ids;

        void Add(WorkId? id)
        {
            if (id is { } some && Array.IndexOf(ids, some, 0, count) < 0)
            {
                ids[count++] = some;
            }
        }
    }

    /// <summary>True for what is of one of the catalogues, even where it identifies nothing there.</summary>
    private static bool TryExternal(string text, MediaType type, out WorkId? id)
    {
        id = null;
        foreach (var (scheme, catalogue) in Catalogues)
        {
            if (text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            {
                // "com.plexapp.agents.thetvdb://121361/1/2?lang=en" names an episode by its show: no identifier of the episode.
                var value = text.AsSpan(scheme.Length);
                var end = value.IndexOf('?');
                value = end < 0 ? value : value[..end];
                id = value.IsEmpty || value.Contains('/') ? null : new WorkId(((ulong)catalogue << 60) | TypeBits(type) | ToNumber(value));
                return true;
            }
        }

        return false;
    }

    /// <summary>What no agent knows is numbered by the server's own count, or not at all: it identifies nothing elsewhere.</summary>
    private static WorkId? ToPlex(string guid, MediaType type)
    {
        var end = guid.IndexOf('?', StringComparison.Ordinal);
        var text = end < 0 ? guid : guid[..end];
        return text.StartsWith("local://", StringComparison.OrdinalIgnoreCase) || text.Contains(".none://", StringComparison.OrdinalIgnoreCase) || !text.Contains("://", StringComparison.Ordinal)
            ? null
            : new WorkId(((ulong)(text.StartsWith("plex://", StringComparison.OrdinalIgnoreCase) ? Plex : OtherAgents) << 60) | TypeBits(type) | Hash(text));
    }

    /// <summary>The numbers of two types have nothing to do with each other, even in one catalogue.</summary>
    private static ulong TypeBits(MediaType type) => (ulong)(type.ListingNumber ?? 0) << Bits;

    private static ulong ToNumber(ReadOnlySpan<char> text)
    {
        var digits = text.StartsWith("tt", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        return ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >> (Bits - 1) == 0
            ? number
            : Hash(text) | (1UL << (Bits - 1));
    }

    private static ulong Hash(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[256];
        var length = Encoding.UTF8.TryGetBytes(text, bytes, out var written) ? written : -1;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(length < 0 ? Encoding.UTF8.GetBytes(text.ToString()) : bytes[..length], digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest) >> (64 - Bits);
    }
}
