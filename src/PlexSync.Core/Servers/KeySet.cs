using System.Globalization;

namespace PlexSync;

/// <summary>The rating keys of a listing, as numbers where they are: there are a million of them in memory at once.</summary>
internal sealed class KeySet
{
    private readonly HashSet<ulong> _numbers = [];
    private HashSet<string>? _others;

    /// <summary>False where it was there.</summary>
    public bool Add(ReadOnlySpan<char> key) =>
        key[0] is not ('0' or '+') && ulong.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? _numbers.Add(number)
            : (_others ??= new HashSet<string>(StringComparer.Ordinal)).Add(key.ToString());
}
