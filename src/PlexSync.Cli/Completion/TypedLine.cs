using System.Text;

namespace PlexSync.Cli.Completion;

/// <summary>A command line as far as somebody has typed it, its quotes taken off. Nothing in it is expanded or run.</summary>
/// <param name="words">The words that are complete, without the name of the program.</param>
/// <param name="current">The word that is being typed, up to the cursor.</param>
/// <param name="kept">How much of that word stays as it is: what the shell does not replace.</param>
/// <param name="quote">The quotation mark that is open where the replacement begins, if one is.</param>
internal sealed class TypedLine(IReadOnlyList<string> words, string current, int kept = 0, char quote = TypedLine.None)
{
    public const char None = '\0';

    public IReadOnlyList<string> Words => words;

    public string Current => current;

    public int Kept => kept;

    public char Quote => quote;

    /// <summary>Reads what the script of a shell hands over.</summary>
    public static TypedLine Read(string shell, List<string> words) => shell switch
    {
        Shells.Bash when words is [var line, var replaced] => ReadBash(line, replaced),
        // Windows PowerShell loses an empty word: its script puts a full stop after the last one.
        Shells.PowerShell when words is [.., [.., '.'] last] => new(words.GetRange(0, words.Count - 1), last[..^1]),
        _ when words is [.., var last] => new(words.GetRange(0, words.Count - 1), Split(last, isFish: shell == Shells.Fish)[^1].Text),
        _ => new([], ""),
    };

    /// <summary>
    /// Bash breaks words at more than spaces (COMP_WORDBREAKS), and says only what it replaces: the whole line tells the rest.
    /// </summary>
    private static TypedLine ReadBash(string line, string replaced)
    {
        var words = Split(line, isFish: false);
        var start = line.EndsWith(replaced, StringComparison.Ordinal) ? Split(line[..(line.Length - replaced.Length)], isFish: false)
            : words;
        var kept = start.Count == words.Count ? start[^1] : new Word("", None);
        return new(
            words.ConvertAll(static word => word.Text).GetRange(1, Math.Max(words.Count - 2, 0)),
            words[^1].Text,
            kept.Text.Length,
            kept.Quote);
    }

    /// <summary>Takes a line apart as shells do; the last word is the one that is being typed, empty after a space.</summary>
    private static List<Word> Split(string line, bool isFish)
    {
        var words = new List<Word>();
        var word = new StringBuilder();
        var (quote, isWord) = (None, false);
        for (var at = 0; at < line.Length; at++)
        {
            var letter = line[at];
            if (letter == '\\' && (quote != '\'' || isFish))
            {
                var next = at + 1 < line.Length ? line[at + 1] : None;
                var isEscape = quote switch
                {
                    '"' => next is '"' or '$' or '`' or '\\',
                    '\'' => next is '\'' or '\\',
                    _ => next != None,
                };
                // Half an escape is no letter yet.
                _ = isEscape ? word.Append(line[++at]) : next == None ? word : word.Append(letter);
                isWord = true;
            }
            else if (letter == quote)
            {
                quote = None;
            }
            else if (quote == None && letter is '"' or '\'')
            {
                (quote, isWord) = (letter, true);
            }
            else if (quote == None && letter is ' ' or '\t' or '\n')
            {
                if (isWord)
                {
                    words.Add(new Word(word.ToString(), None));
                    word.Clear();
                    isWord = false;
                }
            }
            else
            {
                word.Append(letter);
                isWord = true;
            }
        }

        words.Add(new Word(word.ToString(), quote));
        return words;
    }

    private sealed class Word(string text, char quote)
    {
        public string Text => text;

        public char Quote => quote;
    }
}
