using System.Text;
using System.Text.RegularExpressions;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>A household whose command lines and output are shown in a document, with the same addresses and paths every time.</summary>
internal sealed partial class Stage : IAsyncDisposable
{
    public const string Server = "http://192.168.1.5:32400";

    private readonly List<(string Real, string Shown)> _names = [];
    private readonly List<IAsyncDisposable> _kept = [];

    private Stage(Household home)
    {
        Home = home;
        Show(home.ServerUrl, Server);
        Show(home.Plex.ServerUrl.Authority, "192.168.1.5:32400");
        Show(home.Environment["PLEXSYNC_ACCOUNT_URL"], "https://plex.tv");
        Show(home.Plex.AccountUrl.Authority, "plex.tv");
        Show(home.Folder, "~");
    }

    public Household Home { get; }

    public World World => Home.World;

    public static async Task<Stage> SetAsync(World? world = null) => new(await Household.StartAsync(world));

    /// <summary>What a name of this machine is called in the document.</summary>
    public void Show(string real, string shown) => _names.Add((real, shown));

    /// <summary>Disposed of with the stage.</summary>
    public T Keep<T>(T value)
        where T : IAsyncDisposable
    {
        _kept.Add(value);
        return value;
    }

    /// <summary>Runs a line as it is shown: variables, "plexsync", and words as a shell takes them apart.</summary>
    public async Task<Result> RunAsync(string line, string stdin = "")
    {
        var words = Words(line).Select(ToReal).ToList();
        var variables = words.TakeWhile(static word => word != "plexsync").Select(static word => word.Split('=', 2)).ToList();
        var before = Home.Environment.ToDictionary();
        variables.ForEach(variable => Home.Environment[variable[0]] = variable[1]);
        var result = await Home.RunAsync([.. words.Skip(variables.Count + 1)], stdin: stdin);
        Home.Environment.Clear();
        foreach (var (name, value) in before)
        {
            Home.Environment[name] = value;
        }

        return result with { Out = ToShown(result.Out), Error = ToShown(result.Error) };
    }

    /// <summary>What the line leaves on a terminal, and what is typed there.</summary>
    public async Task<string> WatchAsync(string line, string answer)
    {
        using var screen = new StringWriter { NewLine = "\n" };
        await App.RunAsync(
            [.. Words(line).Skip(1)],
            new ConsoleEnvironment
            {
                In = new TypedAnswers(answer, screen),
                Out = screen,
                Error = screen,
                Environment = Home.Environment,
                Terminal = Home.Terminal,
                Time = Home.Time,
            },
            TestContext.Current.CancellationToken);
        return ToShown(string.Join('\n', screen.ToString().TrimEnd('\n').Split('\n').Select(Overwrite)));
    }

    public string ToShown(string text)
    {
        foreach (var (real, shown) in _names)
        {
            text = text.Replace(real, shown, StringComparison.Ordinal);
        }

        return RunIds().Replace(text, "2026-11-22T10-00-00Z-ab12");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var kept in _kept)
        {
            await kept.DisposeAsync();
        }

        await Home.DisposeAsync();
    }

    private string ToReal(string word)
    {
        foreach (var (real, shown) in _names)
        {
            if (shown is not ("~" or "plex.tv"))
            {
                word = word.Replace(shown, real, StringComparison.Ordinal);
            }
        }

        return word.Replace("~/", $"{Home.Folder}/", StringComparison.Ordinal);
    }

    /// <summary>A line after its beginning was written over.</summary>
    private static string Overwrite(string line) =>
        line.Split('\r').Aggregate("", static (before, after) => after.Length < before.Length ? after + before[after.Length..] : after)
            .TrimEnd();

    private static List<string> Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (isQuoted, hasWord) = (false, false);
        foreach (var letter in $"{line} ")
        {
            if (letter == '"')
            {
                (isQuoted, hasWord) = (!isQuoted, true);
            }
            else if (letter != ' ' || isQuoted)
            {
                word.Append(letter);
                hasWord = true;
            }
            else if (hasWord)
            {
                words.Add(word.ToString());
                word.Clear();
                hasWord = false;
            }
        }

        return words;
    }

    [GeneratedRegex(@"\b\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{4}\b")]
    private static partial Regex RunIds();

    /// <summary>Input that shows on the screen, as a terminal echoes it.</summary>
    /// <summary>One answer after the other, each a line; the last one to all further questions.</summary>
    private sealed class TypedAnswers(string answers, StringWriter screen) : TextReader
    {
        private readonly Queue<string> _answers = new(answers.Split('\n'));

        public override string? ReadLine()
        {
            var answer = _answers.Count > 1 ? _answers.Dequeue() : _answers.Peek();
            screen.Write($"{answer}\n");
            return answer;
        }
    }
}
