using System.Text;

namespace PlexSync.Cli.Output;

/// <summary>Standard output, for people.</summary>
/// <param name="around">Where it is written to.</param>
/// <param name="hasColor">Colours are shown.</param>
/// <param name="begin">Ends what messages have on the line where the next one belongs.</param>
internal sealed class Screen(ConsoleEnvironment around, bool hasColor, Action? begin = null)
{
    private const int Gap = 2;

    public bool HasColor => hasColor;

    /// <summary>On a terminal, broken between words where it is too narrow.</summary>
    public void WriteLine(string line = "", int hanging = 0)
    {
        begin?.Invoke();
        var isOutput = around.Terminal.IsOutput;
        around.Out.Write(isOutput ? Cells.Flow(Fit(line, around.Terminal.IsUnicode), around.Terminal.Width, hanging) : line);
        around.Out.Write('\n');
    }

    /// <summary>Sets results apart from the messages above them, where both are seen.</summary>
    public void Separate()
    {
        if (around.Terminal is { IsOutput: true, IsError: true })
        {
            WriteLine();
        }
    }

    /// <summary>A line that ends with a command: in one piece, so that it can be copied.</summary>
    public void WriteCommand(string line)
    {
        begin?.Invoke();
        around.Out.Write($"{(around.Terminal.IsOutput ? Fit(line, around.Terminal.IsUnicode) : line)}\n");
    }

    /// <summary>
    /// A table without lines; in a cell, a new line stays within its column. Where a terminal is too narrow for it, the last columns are
    /// wrapped, and where even that is not enough, each row becomes a block.
    /// </summary>
    public void WriteTable(string[] headings, List<string[]> rows)
    {
        var cells = rows.ConvertAll(static row => Array.ConvertAll(row, static cell => Array.ConvertAll(cell.Split('\n'), Texts.Clean)));
        var widths = Measure(Cells.Of);
        var least = Measure(Cells.OfLongestWord);
        var excess = around.Terminal.IsOutput ? widths.Sum() + (Gap * (widths.Length - 1)) - around.Terminal.Width : 0;
        for (var at = widths.Length - 1; at >= 0 && excess > 0; at--)
        {
            var cut = Math.Min(excess, widths[at] - least[at]);
            (widths[at], excess) = (widths[at] - cut, excess - cut);
        }

        if (excess > 0)
        {
            WriteBlocks(headings, cells);
            return;
        }

        WriteRow(Array.ConvertAll(headings, static heading => new[] { heading }), widths, isHeading: true);
        cells.ForEach(row => WriteRow(row, widths, isHeading: false));

        int[] Measure(Func<string, int> measure)
        {
            var widest = Array.ConvertAll(headings, heading => measure(heading));
            foreach (var row in cells)
            {
                for (var column = 0; column < row.Length; column++)
                {
                    widest[column] = Math.Max(widest[column], row[column].Max(measure));
                }
            }

            return widest;
        }
    }

    private void WriteRow(string[][] row, int[] widths, bool isHeading)
    {
        var wrapped = row.Select((cell, at) => cell.SelectMany(line => Cells.Wrap(line, widths[at])).ToArray()).ToArray();
        for (var at = 0; at < wrapped.Max(static cell => cell.Length); at++)
        {
            var line = Join(Array.ConvertAll(wrapped, cell => at < cell.Length ? cell[at] : ""), widths);
            WriteLine(isHeading ? Paint.Bold(line, hasColor) : line);
        }
    }

    /// <summary>A line for each cell, behind its heading; a word that is longer than that stays whole, so that it can be copied.</summary>
    private void WriteBlocks(string[] headings, List<string[][]> rows)
    {
        var width = headings.Max(Cells.Of);
        var rest = around.Terminal.Width - width - Gap;
        foreach (var row in rows)
        {
            for (var at = 0; at < row.Length; at++)
            {
                var heading = headings[at];
                // A cell is empty that says the same as the row above.
                foreach (var line in row[at] is [""] ? [] : row[at].SelectMany(line => Cells.Wrap(line, rest)))
                {
                    WriteLine($"{Paint.Bold(Cells.Pad(heading, width), hasColor)}{new string(' ', Gap)}{line}".TrimEnd());
                    heading = "";
                }
            }

            WriteLine();
        }
    }

    /// <summary>For terminals that show nothing but ASCII: the signs of our own texts, in their plain form.</summary>
    public static string Fit(string text, bool isUnicode)
    {
        if (isUnicode || Ascii.IsValid(text))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '–' or '—' => result.Append('-'),
                '’' or '‘' => result.Append('\''),
                '“' or '”' or '«' or '»' => result.Append('"'),
                '…' => result.Append("..."),
                '→' => result.Append("->"),
                '·' => result.Append('-'),
                '✓' => result.Append("ok"),
                '✗' => result.Append('x'),
                '\u00A0' or '\u202F' => result.Append(' '),
                _ => result.Append(letter),
            };
        }

        return result.ToString();
    }

    private static string Join(string[] cells, int[] widths)
    {
        var line = new StringBuilder();
        for (var column = 0; column < cells.Length; column++)
        {
            line.Append(Cells.Pad(cells[column], widths[column] + Gap));
        }

        return line.ToString().TrimEnd();
    }
}
