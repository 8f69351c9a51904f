namespace PlexSync;

/// <summary>One string for each text that comes again and again: titles, and keys that several users see.</summary>
internal sealed class TextPool
{
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
#if NET9_0_OR_GREATER
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public TextPool() => _lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();

    public string Get(ReadOnlySpan<char> text) => _lookup.TryGetValue(text, out var known) ? known : Add(text.ToString());
#else
    public string Get(ReadOnlySpan<char> text)
    {
        var given = text.ToString();
        return _texts.TryGetValue(given, out var known) ? known : Add(given);
    }
#endif

    private string Add(string text)
    {
        _texts.Add(text);
        return text;
    }
}
