using System.Globalization;
using System.Runtime.InteropServices;

namespace PlexSync;

/// <summary>
/// The rating keys of a listing: where they are numbers, a bit for each, since there are a million of them and most follow each other.
/// </summary>
internal sealed class KeySet
{
    private readonly Dictionary<ulong, ulong> _words = [];
    private HashSet<string>? _others;

    /// <summary>False where it was there.</summary>
    public bool Add(ReadOnlySpan<char> key) =>
        key[0] is not ('0' or '+') && ulong.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Add(number)
            : (_others ??= new HashSet<string>(StringComparer.Ordinal)).Add(key.ToString());

    private bool Add(ulong number)
    {
        ref var word = ref CollectionsMarshal.GetValueRefOrAddDefault(_words, number / 64, out _);
        var known = word;
        word |= 1UL << (int)(number % 64);
        return word != known;
    }
}
