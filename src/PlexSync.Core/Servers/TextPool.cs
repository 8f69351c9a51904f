namespace PlexSync;

/// <summary>
/// One string for each text that comes again and again: titles, and keys that several users see. Only the last ones are remembered, since
/// most titles of a large library never come again.
/// </summary>
internal sealed class TextPool
{
    private readonly string?[] _texts = new string?[1024];

    public string Get(ReadOnlySpan<char> text)
    {
        ref var known = ref _texts[string.GetHashCode(text, StringComparison.Ordinal) & (_texts.Length - 1)];
        return known is not null && text.SequenceEqual(known) ? known : known = text.ToString();
    }
}
