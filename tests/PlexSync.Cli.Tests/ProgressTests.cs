using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Tests;

/// <summary>What is seen while a run works: on a terminal, in a log, by nobody.</summary>
public sealed class ProgressTests : IDisposable
{
    private static readonly UserReference Owner = new(new UserId(1001), "Owner");
    private static readonly UserReference Kid = new(new UserId(1002), "Kid");
    private static readonly Terminal Wide = new() { IsOutput = true, IsError = true };

    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _error = new();

    [Fact]
    public void Reading_shows_how_many_items_of_all_libraries_and_users()
    {
        var messages = On(Wide);

        Read(messages, Owner, "Movies", 0, null);
        Read(messages, Kid, "Movies", 0, null);
        Read(messages, Owner, "Movies", 1000, 3000);
        Read(messages, Kid, "Movies", 200, 1800);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal($"      Reading {Bar(27, 6)} 25% 1,200 of 4,800 · “Movies” (Owner)", Drawn()[^1]);
    }

    [Fact]
    public void Reading_has_no_bar_while_the_size_of_a_library_is_unknown()
    {
        var messages = On(Wide);

        Read(messages, Owner, "Movies", 1000, 1000);
        Read(messages, Owner, "TV Shows", 0, null);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("      Reading 1,000 items · “TV Shows” (Owner)", Drawn()[^1]);
    }

    [Fact]
    public void Reading_counts_a_library_anew_that_is_read_again()
    {
        var messages = On(new Terminal());

        Read(messages, Owner, "Movies", 1000, 2000);
        Read(messages, Owner, "Movies", 0, null);
        Read(messages, Owner, "Movies", 2000, 2000);
        messages.EndProgress();

        Assert.Equal("      Reading: 2,000 items in 0.0 s.\n", _error.ToString());
    }

    [Fact]
    public void Reading_tells_the_same_user_and_library_of_two_servers_apart()
    {
        var messages = On(new Terminal());
        var other = Report(SyncPhase.Reading, Owner, 300, 300, "Movies") with { Server = MachineIdentifier.Parse("other") };

        Read(messages, Owner, "Movies", 200, 200);
        messages.Report(other);
        messages.EndProgress();

        Assert.Contains("500 items", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Writing_shows_speed_and_time_left()
    {
        var messages = On(Wide);

        Write(messages, 0, 9880);
        _time.Advance(TimeSpan.FromSeconds(10));
        Write(messages, 980, 9880);

        Assert.Equal($"      Writing for Kid {Bar(21, 2)} 9% 980 of 9,880 · 2 min left · 98/s", Drawn()[^1]);
    }

    [Fact]
    public void Writing_says_nothing_of_speed_as_long_as_it_would_be_a_guess()
    {
        var messages = On(Wide);

        Write(messages, 0, 100);
        _time.Advance(TimeSpan.FromSeconds(1));
        Write(messages, 10, 100);

        Assert.Contains(" 10 of 100", _error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("left", _error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("/s", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1_000_000_000, 10)]
    [InlineData(0, 100, 10)]
    [InlineData(100, 100, 10)]
    [InlineData(120, 100, 10)]
    [InlineData(5, 0, 10)]
    public void Writing_tells_no_time_that_is_absurd(int done, int total, int seconds)
    {
        var messages = On(Wide);

        Write(messages, 0, total);
        _time.Advance(TimeSpan.FromSeconds(seconds));
        Write(messages, done, total);
        _time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Contains("Writing for Kid", Drawn()[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("left", _error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("-", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Speed_is_that_of_late()
    {
        var messages = On(Wide);
        Write(messages, 0, 10_000);
        for (var second = 1; second <= 60; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            // Fast at first; then the server gets slow.
            Write(messages, second < 20 ? second * 100 : 2000 + second, 10_000);
        }

        Assert.EndsWith("· 1.0/s", Drawn()[^1], StringComparison.Ordinal);
        Assert.Contains("· 2 h 12 min left", Drawn()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void French_writes_numbers_as_the_French_do()
    {
        var messages = On(Wide, "fr");

        Write(messages, 0, 12_345);
        _time.Advance(TimeSpan.FromSeconds(10));
        Write(messages, 1234, 12_345);
        messages.EndProgress();
        Read(messages, Kid, "Films", 1, 1);
        messages.EndProgress();

        Assert.Contains("9\u00A0% 1\u202F234 sur 12\u202F345 · 2\u00A0min restantes · 123/s", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Lecture\u00A0: 1 élément en 0,0\u00A0s.", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Screen_keeps_how_each_task_ended()
    {
        var messages = On(Wide);

        messages.Step("Step_Read");
        Read(messages, Owner, "A library with a long title", 4800, 4800);
        messages.Step("Step_Write");
        Write(messages, 0, 12);
        Write(messages, 12, 12);
        messages.Report(Report(SyncPhase.Verifying, Kid, 0, 12));
        messages.Warn("something odd");
        messages.Report(Report(SyncPhase.Verifying, Kid, 12, 12));
        messages.Step("Step_Show");

        Assert.Equal(
            [
                "[1] Reading the libraries…",
                "      Reading: 4,800 items in 0.0 s.",
                "[2] Comparing and writing…",
                "      Writing for Kid: 12 of 12 in 0.0 s.",
                "Warning: something odd",
                "      Verifying for Kid: 12 of 12 in 0.0 s.",
                "[3] Listing the items…",
            ],
            Visible());
    }

    [Theory]
    [InlineData("en", "      Waiting for an answer: 3 s")]
    [InlineData("fr", "      En attente d’une réponse\u00A0: 3\u00A0s")]
    public void Step_that_shows_nothing_else_shows_for_how_long_it_has_been_going_on(string language, string line)
    {
        var messages = On(Wide, language);

        messages.Step("Step_Connect");
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Empty(Drawn());
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal(line, Drawn()[^1]);
        messages.Step("Step_Read");

        Assert.Equal(2, Visible().Length);
        Assert.All(Visible(), static line => Assert.StartsWith("[", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Step_stops_showing_its_time_when_it_shows_something_else_or_ends()
    {
        var messages = On(Wide);

        messages.Step("Step_Read");
        Read(messages, Owner, "Movies", 10, 20);
        _time.Advance(TimeSpan.FromSeconds(5));
        Read(messages, Owner, "Movies", 20, 20);
        messages.Step("Step_Connect");
        messages.EndProgress();
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.DoesNotContain("Waiting", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Log_is_not_told_for_how_long_a_step_has_been_going_on()
    {
        var messages = On(new Terminal());

        messages.Step("Step_Connect");
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("[1] Connecting to the server…\n", _error.ToString());
    }

    [Fact]
    public void Results_and_messages_come_in_their_order_on_one_terminal()
    {
        using var screen = new MemoryStream();
        using var results = new StreamWriter(screen);
        using var errors = new StreamWriter(screen) { AutoFlush = true };
        var around =
            new ConsoleEnvironment
            {
                In = TextReader.Null,
                Out = results,
                Error = errors,
                Environment = new Dictionary<string, string>(),
                Terminal = Wide,
                Time = _time,
            };
        using Messages messages = new(around, Texts.Of("en"), isQuiet: false, isVerbose: false, hasColor: false);
        var output = new Screen(around, hasColor: false, messages.EndProgress);

        messages.Step("Step_Connect");
        _time.Advance(TimeSpan.FromSeconds(3));
        output.WriteLine("one");
        messages.Say("two");
        output.WriteLine("three");
        messages.Say("four");

        var lines = System.Text.Encoding.UTF8.GetString(screen.ToArray()).Split('\n').Select(static line => line.Split('\r')[^1]);
        Assert.Equal(["[1] Connecting to the server…", "one", "two", "three", "four", ""], lines);
    }

    [Fact]
    public void Failure_stands_on_a_line_of_its_own()
    {
        var messages = On(Wide);

        Write(messages, 3, 12);
        messages.Fail(new Failure("x", "It broke.", 4), null);

        Assert.Equal(["      Writing for Kid: 3 of 12 in 0.0 s.", "plexsync: It broke."], Visible());
    }

    [Fact]
    public void Log_gets_a_line_for_each_task_and_none_for_a_page()
    {
        var messages = On(new Terminal { Width = 20 });

        for (var page = 0; page <= 50; page++)
        {
            Read(messages, Owner, "Movies", page * 1000, 50_000);
            Read(messages, Kid, "Movies", page * 1000, 50_000);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        messages.EndProgress();
        messages.EndProgress();

        Assert.Equal("      Reading: 100,000 items in 51 s.\n", _error.ToString());
    }

    [Theory]
    [InlineData("TERM", "dumb")]
    [InlineData("CI", "true")]
    public void Terminal_whose_lines_cannot_be_rewritten_gets_what_a_log_gets(string name, string value)
    {
        var messages = On(Wide, environment: new() { [name] = value });

        Write(messages, 0, 8);
        _time.Advance(TimeSpan.FromSeconds(1));
        Write(messages, 8, 8);
        messages.EndProgress();

        Assert.Equal("      Writing for Kid: 8 of 8 in 1.0 s.\n", _error.ToString());
    }

    [Fact]
    public void Quiet_says_nothing()
    {
        var messages = On(Wide, isQuiet: true);

        Read(messages, Kid, "Movies", 10, 100);
        Write(messages, 0, 8);
        messages.Report(Report(SyncPhase.Settling, Kid, 0, 3));
        _time.Advance(TimeSpan.FromSeconds(1));
        messages.EndProgress();

        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void Line_is_drawn_ten_times_a_second_at_most_and_what_came_last_is_shown()
    {
        var messages = On(Wide);

        for (var done = 0; done <= 10_000; done++)
        {
            Write(messages, done, 20_000);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        _time.Advance(TimeSpan.FromMilliseconds(100));

        var drawn = Drawn();
        Assert.InRange(drawn.Length, 90, 102);
        Assert.Contains("10,000 of 20,000", drawn[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_drawn_after_the_end()
    {
        var messages = On(Wide);
        Write(messages, 0, 8);
        Write(messages, 1, 8);
        messages.EndProgress();
        var before = _error.ToString();

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(before, _error.ToString());
    }

    [Fact]
    public void Reports_may_come_from_several_threads_and_overtake_each_other()
    {
        var messages = On(Wide);
        var done = 0;
        Write(messages, 0, 10_000);

        Parallel.For(0, 10_000, _ =>
        {
            var mine = Interlocked.Increment(ref done);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Write(messages, mine, 10_000);
        });
        messages.EndProgress();

        Assert.All(Drawn(), line => Assert.StartsWith("      Writing for Kid", line, StringComparison.Ordinal));
        var shown = Drawn().Where(static line => line.Contains(" of ", StringComparison.Ordinal)).ToList();
        Assert.Equal("Writing for Kid: 10,000 of 10,000", Visible()[^1].Trim()[..33]);
        Assert.True(shown.Count > 2);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void No_line_is_wider_than_the_terminal(bool isUnicode, bool hasColor)
    {
        string[] names =
        [
            "Kid", "アニメと映画のライブラリ", "e\u0301te\u0301 a\u0300 la plage", "👩‍👩‍👧 Familie 🎬🎬🎬", "ﾊﾝｶｸ", "한국 드라마", "\u202EKid\e[31m",
            new string('x', 200), "Élodie",
        ];
        var random = new Random(7);
        for (var width = 1; width <= 130; width++)
        {
            var messages = On(Wide with { Width = width, IsUnicode = isUnicode }, random.Next(2) == 0 ? "en" : "fr", hasColor: hasColor);
            for (var round = 0; round < 20; round++)
            {
                var user = new UserReference(Kid.Id, names[random.Next(names.Length)]);
                var total = random.Next(1, 2_000_000);
                _time.Advance(TimeSpan.FromSeconds(random.Next(1, 20)));
                messages.Report(random.Next(3) == 0
                    ? Report(
                        SyncPhase.Reading, user, random.Next(total), random.Next(2) == 0 ? total : null, names[random.Next(names.Length)])
                    : Report(random.Next(2) == 0 ? SyncPhase.Writing : SyncPhase.Verifying, user, random.Next(total), total));
            }

            messages.EndProgress();
            var widest = _error.ToString().Split('\r', '\n')
                .Max(line => isUnicode ? Cells.Of(Paint.Strip(line)) : System.Text.Encoding.UTF8.GetByteCount(line));
            Assert.True(widest <= Math.Max(width, 1), $"{widest} columns of {width}");
            _error.GetStringBuilder().Clear();
        }
    }

    [Theory]
    [InlineData(20, "Writing for Kid 50%")]
    [InlineData(40, "Writing for Kid 50% 5,000 of 10,000")]
    [InlineData(45, "Writing for Kid ████▒▒▒▒ 50% 5,000 of 10,000")]
    public void Narrow_terminal_shows_what_matters_most(int width, string line)
    {
        var messages = On(Wide with { Width = width });

        Write(messages, 0, 10_000);
        _time.Advance(TimeSpan.FromSeconds(1));
        Write(messages, 5000, 10_000);

        Assert.Equal(line.Replace('▒', '░'), Drawn()[^1]);
    }

    [Fact]
    public void Terminal_without_Unicode_gets_plain_signs()
    {
        var messages = On(Wide with { IsUnicode = false });

        Read(messages, Kid, "Movies", 25, 100);
        messages.EndProgress();

        Assert.Contains(
            $"Reading {new string('#', 7)}{new string('.', 23)} 25% 25 of 100 - \"Movies\" (Kid)",
            _error.ToString(),
            StringComparison.Ordinal);
        Assert.All(_error.ToString(), static letter => Assert.True(char.IsAscii(letter)));
    }

    [Fact]
    public void Bar_is_coloured_where_colours_are_wanted()
    {
        var messages = On(Wide, hasColor: true);

        Read(messages, Kid, "Movies", 25, 100);

        Assert.Contains($"\e[36m{Bar(30, 7)}\e[0m", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Movies", 6)]
    [InlineData("", 0)]
    [InlineData("映画", 4)]
    [InlineData("ｶﾅ", 2)]
    [InlineData("ＡＢ", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("한국", 4)]
    [InlineData("\u1112\u1161\u11AB", 2)]
    [InlineData("🎬", 2)]
    [InlineData("❤️", 3)]
    [InlineData("1\u202F000", 5)]
    [InlineData("x\u200Dy", 2)]
    [InlineData("“…” – █░", 8)]
    public void Cells_are_counted_as_a_terminal_does(string text, int cells) => Assert.Equal(cells, Cells.Of(text));

    [Theory]
    [InlineData("Movies", 6, "Movies")]
    [InlineData("Movies", 4, "Mov…")]
    [InlineData("映画館", 5, "映画…")]
    [InlineData("映画館", 4, "映…")]
    [InlineData("Movies", 0, "")]
    public void Text_is_cut_between_letters(string text, int cells, string cut) => Assert.Equal(cut, Cells.Cut(text, cells));

    [Theory]
    [InlineData("one two  three", 7, "one two|three")]
    [InlineData("one two", 3, "one|two")]
    [InlineData("a longword b", 4, "a|longword|b")]
    [InlineData("アニ アニ", 9, "アニ アニ")]
    [InlineData("アニ アニ", 8, "アニ|アニ")]
    [InlineData("", 5, "")]
    public void Text_is_wrapped_between_words(string text, int cells, string lines) =>
        Assert.Equal(lines, string.Join('|', Cells.Wrap(text, cells)));

    [Fact]
    public void Text_without_end_is_wrapped_in_one_go()
    {
        var text = string.Join(' ', Enumerable.Repeat("ab", 20_000));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Cells.Wrap(text, int.MaxValue);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100L * text.Length);
    }

    [Fact]
    public void Name_without_end_is_cut_in_one_go()
    {
        var line = new ProgressLine(Texts.Of("en"), _time, isUnicode: false, hasColor: false);
        line.Take(Report(SyncPhase.Writing, new(new UserId(1002), new string('é', 20_000)), 1, 2));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var text = line.Draw(40);

        Assert.Equal(40, System.Text.Encoding.UTF8.GetByteCount(text));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100L * 20_000);
    }

    [Fact]
    public async Task Sync_rewrites_one_line_on_a_terminal_and_keeps_to_whole_lines_elsewhere()
    {
        await using var household = await Household.StartAsync();
        household.Terminal = Wide;

        household.Environment["NO_COLOR"] = "1";
        var plain = await household.RunAsync("sync", "--to", "Kid", "--dry-run");
        household.Terminal = new Terminal();
        var log = await household.RunAsync("sync", "--to", "Kid");

        Assert.Contains("\r      Reading", plain.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', plain.Error);
        Assert.DoesNotContain('\r', log.Error);
        Assert.Contains("      Writing for Kid: 8 of 8 in ", log.Error, StringComparison.Ordinal);
        Assert.Contains("      Verifying for Kid: 8 of 8 in ", log.Error, StringComparison.Ordinal);
        Assert.Equal(8, log.Error.Count(static letter => letter == '\n'));
    }

    [Fact]
    public async Task Library_tells_how_many_items_there_are_and_each_task_from_none_to_all()
    {
        await using var household = await Household.StartAsync();
        using var http = new HttpClient();
        var plex = new PlexClient(
            http, new PlexClientOptions { ClientIdentifier = "test", AccountUrl = household.Plex.AccountUrl, PageSize = 4 });
        var account = await plex.SignInAsync(household.World.Owner.AccountToken);
        var owner = await plex.ConnectAsync(household.Plex.ServerUrl, account);
        var kid = await new HomeUserSwitcher(plex, account).SwitchAsync(owner, "Kid", pin: null);
        var seen = new Recorder();
        var synchronizer = new WatchStateSynchronizer();

        var plan = await synchronizer.PlanAsync(owner, kid, progress: seen);
        await synchronizer.ApplyAsync(plan, owner, kid, progress: seen);

        Assert.All(seen.Reports, report => Assert.Equal(owner.MachineIdentifier, report.Server));
        var movies = seen.Reports.Where(report => report.Library?.Title == "Movies" && report.User.Title == "Kid")
            .Select(static report => $"{report.Done}/{report.Total}");
        Assert.Equal(["0/", "0/9", "9/9"], movies);
        Assert.Equal(Enumerable.Range(0, 9), Of(SyncPhase.Writing));
        Assert.Equal([0, 8], Of(SyncPhase.Verifying));

        IEnumerable<int> Of(SyncPhase phase) =>
            seen.Reports.Where(report => report.Phase == phase && report.Total == 8).Select(static report => report.Done).Order();
    }

    [Fact]
    public async Task Changes_that_turn_out_to_be_done_are_counted_too()
    {
        await using var household = await Household.StartAsync();
        var file = Path.Combine(household.Folder, "plan.json");
        await household.RunAsync("plan", "--to", "Kid", "-o", file);
        await household.RunAsync("apply", file);

        var again = await household.RunWithoutWritingAsync("apply", file);

        Assert.Contains("      Writing for Kid: 8 of 8 in ", again.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _error.Dispose();

    private Messages On(
        Terminal terminal,
        string language = "en",
        bool isQuiet = false,
        bool hasColor = false,
        Dictionary<string, string>? environment = null) =>
        new(
        new ConsoleEnvironment
        {
            In = TextReader.Null,
            Out = TextWriter.Null,
            Error = _error,
            Environment = environment ?? [],
            Terminal = terminal,
            Time = _time,
        },
        Texts.Of(language),
        isQuiet,
        isVerbose: false,
        hasColor);

    private static SyncProgress Report(SyncPhase phase, UserReference user, int done, int? total, string? library = null) =>
        new(
            phase,
            user,
            library is null ? null : new Library { Key = LibraryKey.Parse(library.Length.ToString()), Title = library, Type = "movie" },
            done,
            total);

    private static void Read(Messages messages, UserReference user, string library, int done, int? total) =>
        messages.Report(Report(SyncPhase.Reading, user, done, total, library));

    private static void Write(Messages messages, int done, int total) => messages.Report(Report(SyncPhase.Writing, Kid, done, total));

    private static string Bar(int width, int filled) => new string('█', filled) + new string('░', width - filled);

    /// <summary>Each state of the line, as it was drawn.</summary>
    private string[] Drawn() =>
        [.. _error.ToString().Split('\n').SelectMany(static line => line.Split('\r').Skip(1)).Select(static line => line.TrimEnd()).Where(
            static line => line.Length > 0 && !line.EndsWith('.'))];

    /// <summary>What is left on the screen, of text without wide letters.</summary>
    private string[] Visible()
    {
        var lines = new List<string>();
        foreach (var line in _error.ToString().TrimEnd('\n').Split('\n'))
        {
            var shown = "";
            foreach (var piece in line.Split('\r'))
            {
                shown = piece + (piece.Length < shown.Length ? shown[piece.Length..] : "");
            }

            lines.Add(shown.TrimEnd());
        }

        return [.. lines];
    }

    private sealed class Recorder : IProgress<SyncProgress>
    {
        public ConcurrentQueue<SyncProgress> Reports { get; } = [];

        public void Report(SyncProgress value) => Reports.Enqueue(value);
    }
}
