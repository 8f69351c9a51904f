using System.Text;
using Spectre.Console;

namespace PlexSync.Cli.Output;

/// <summary>Standard output, for people.</summary>
internal sealed class Screen(Surroundings around, bool hasColor)
{
    /// <summary>Off a terminal nothing is wrapped: whoever reads the lines does.</summary>
    private const int Unbounded = 10_000;

    public bool HasColor => hasColor;

    public void Write(string text) => around.Out.Write(text);

    public void WriteLine(string line = "") => around.Out.Write($"{(around.Terminal.IsOutput ? Fit(line, around.Terminal) : line)}\n");

    /// <summary>Cells are written as they are: nothing in them is markup.</summary>
    public void WriteTable(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.None, ShowRowSeparators = false };
        foreach (var heading in headings)
        {
            table.AddColumn(new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold))) { Padding = new Padding(0, 0, 2, 0) });
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(static cell => new Text(string.Join('\n', cell.Split('\n').Select(Texts.Clean)))));
        }

        var buffer = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = hasColor ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new Output(buffer, around.Terminal.IsOutput ? around.Terminal.Width : Unbounded),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            EnvironmentVariables = [],
        });
        console.Write(table);
        foreach (var line in buffer.ToString().TrimEnd('\n').Split('\n'))
        {
            WriteLine(line.TrimEnd());
        }
    }

    /// <summary>For terminals that show nothing but ASCII: the signs of our own texts, in their plain form.</summary>
    public static string Fit(string text, Terminal terminal)
    {
        if (terminal.IsUnicode || Ascii.IsValid(text))
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
                '\u00A0' or '\u202F' => result.Append(' '),
                _ => result.Append(letter),
            };
        }

        return result.ToString();
    }

    private sealed class Output(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => false;

        public int Width => width;

        public int Height => int.MaxValue;

        public void SetEncoding(Encoding encoding)
        {
            // Whoever opened the stream chose it.
        }
    }
}
