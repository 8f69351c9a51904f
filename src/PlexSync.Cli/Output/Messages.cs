using Microsoft.Extensions.Logging;

namespace PlexSync.Cli.Output;

/// <summary>Standard error: what is being done, warnings, the failure that ended a run, and with --verbose the library's logs.</summary>
internal sealed class Messages(ConsoleEnvironment around, Texts texts, bool isQuiet, bool isVerbose, bool hasColor)
    : ILoggerFactory, IProgress<SyncProgress>
{
    /// <summary>A line is drawn ten times a second at most.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan BeforeElapsed = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan BetweenElapsed = TimeSpan.FromSeconds(1);

#if NET9_0_OR_GREATER
    private readonly Lock _gate = new();
#else
    private readonly object _gate = new();
#endif
    private readonly bool _isLive = around.Terminal.IsError && !isQuiet && !isVerbose && CanRewrite(around.Environment);
    private readonly ProgressLine _progress = new(texts, around.Time, around.Terminal.IsUnicode, hasColor);
    private ITimer? _timer;
    private bool _isAwaited;
    private long? _drawnAt;
    private int _drawnWidth;
    private int _steps;
    private ITimer? _clock;
    private long? _stepBegan;

    /// <summary>What is done now.</summary>
    public void Step(string key, params object?[] arguments)
    {
        EndProgress();
        if (isQuiet)
        {
            return;
        }

        WriteLine($"[{++_steps}] {texts.Format(key, arguments)}");
        Wait();
    }

    /// <summary>Something begins that may take long: a terminal soon shows for how long it has been going on.</summary>
    public void Wait()
    {
        if (_isLive)
        {
            lock (_gate)
            {
                _stepBegan = around.Time.GetTimestamp();
                _clock ??= around.Time.CreateTimer(
                    static messages => ((Messages)messages!).DrawElapsed(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _clock.Change(BeforeElapsed, BetweenElapsed);
            }
        }
    }

    /// <summary>What the user should know, but for quiet ones.</summary>
    public void Note(string sentence)
    {
        if (!isQuiet)
        {
            WriteLine(sentence);
        }
    }

    /// <summary>What the user cannot do without, quiet or not.</summary>
    public void Say(string line = "") => WriteLine(line);

    /// <summary>The same, to catch the eye.</summary>
    public void SayBoldly(string line) => WriteLine(Paint.Bold(line, hasColor));

    public void Warn(string sentence)
    {
        if (around.Warnings?.Allows(sentence) is not false)
        {
            WriteLine(Paint.Yellow(texts.Format("Warning", sentence), hasColor));
        }
    }

    /// <summary>A warning that would be the same every night; --quiet leaves it out.</summary>
    public void Remark(string sentence)
    {
        if (!isQuiet)
        {
            Warn(sentence);
        }
    }

    public void Fail(Failure failure, Exception? exception)
    {
        EndProgress();
        WriteLine(Paint.Red($"plexsync: {failure.Message}", hasColor));
        if (isVerbose && exception is not null)
        {
            foreach (var line in Explain(exception))
            {
                WriteLine($"  {Texts.Clean(line)}");
            }
        }
        else if (failure.ExitCode is ExitCode.Unexpected)
        {
            WriteLine(texts["TryVerbose"]);
        }
    }

    /// <summary>
    /// The types and sentences of a failure and its causes, and where they arose, where more than an address is known of it.
    /// </summary>
    public static IEnumerable<string> Explain(Exception exception)
    {
        var lines = exception.ToString().Split('\n');
        return Array.Exists(lines, static line => line.Contains("!<BaseAddress>+0x", StringComparison.Ordinal))
            ? lines.Where(static line =>
                !line.StartsWith("   at ", StringComparison.Ordinal) && !line.Contains("--- End of ", StringComparison.Ordinal))
            : lines;
    }

    public async Task<string?> AskSecretAsync(string prompt, CancellationToken cancellationToken)
    {
        try
        {
            await PromptAsync(prompt, cancellationToken);
            var answer = around.Terminal.ReadSecretAsync is { } read ? await read(cancellationToken)
                : await around.In.ReadLineAsync(cancellationToken);
            return string.IsNullOrWhiteSpace(answer) ? null : answer.Trim();
        }
        finally
        {
            await around.Error.WriteAsync('\n');
        }
    }

    /// <summary>Asks a question whose answer is no unless it is yes.</summary>
    public async Task<bool> AskAsync(string question, CancellationToken cancellationToken) =>
        IsYes(await AskLineAsync(question, cancellationToken));

    public bool IsYes(string? answer) => texts["Consent_Yes"].Split(' ').Contains(answer, StringComparer.OrdinalIgnoreCase);

    /// <summary>Asks for a line; null where input has ended.</summary>
    public async Task<string?> AskLineAsync(string question, CancellationToken cancellationToken)
    {
        string? answer = null;
        try
        {
            await PromptAsync($"{question} ", cancellationToken);
            // Reading a console cannot be cancelled; not waiting for it can.
            answer = await Task.Run(around.In.ReadLine, cancellationToken).WaitAsync(cancellationToken);
            return answer?.Trim();
        }
        finally
        {
            // No Enter key ended the line.
            if (answer is null)
            {
                await around.Error.WriteAsync('\n');
            }
        }
    }

    /// <summary>Rewrites one line while somebody watches; elsewhere, tells how each task ended. Several may report at once.</summary>
    public void Report(SyncProgress value)
    {
        if (isQuiet)
        {
            return;
        }

        if (value is { Phase: SyncPhase.Settling, InDoubt: > 0, Stopped: { } doubted })
        {
            WriteLine(texts.Count("InDoubt", value.InDoubt, $"{doubted}"));
            return;
        }

        if (value.Phase is SyncPhase.Settling)
        {
            if (value.Wait is { } wait)
            {
                // A second that has begun is waited for.
                var time = texts.Duration(TimeSpan.FromSeconds(Math.Ceiling(wait.TotalSeconds)));
                WriteLine(
                    value.Stopped is { } run ? texts.Format("Waiting_Stopped", time, $"{run}")
                        : texts.Count("Waiting", value.Total ?? 0, time));
            }

            return;
        }

        lock (_gate)
        {
            StopClock();
            if (!_progress.Covers(value))
            {
                CloseProgress();
            }

            _progress.Take(value);
            if (!_isLive || _isAwaited)
            {
                return;
            }

            var wait = _drawnAt is { } before ? Between - around.Time.GetElapsedTime(before) : TimeSpan.Zero;
            if (wait <= TimeSpan.Zero)
            {
                Draw(_progress.Draw);
                return;
            }

            // What comes too soon is shown a little later, together with what comes in between.
            _isAwaited = true;
            _timer ??= around.Time.CreateTimer(
                static messages => ((Messages)messages!).DrawAwaited(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Whatever was going on is over: how far it came stays on the screen.</summary>
    public void EndProgress()
    {
        lock (_gate)
        {
            StopClock();
            CloseProgress();
        }
    }

    ILogger ILoggerFactory.CreateLogger(string categoryName) => new Logger(this, categoryName);

    void ILoggerFactory.AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    void IDisposable.Dispose()
    {
        _timer?.Dispose();
        _clock?.Dispose();
    }

    private async Task PromptAsync(string prompt, CancellationToken cancellationToken)
    {
        EndProgress();
        FlushResults();
        // The answer begins after the space at its end.
        await around.Error.WriteAsync($"{Flow(prompt.TrimEnd())} ");
        await around.Error.FlushAsync(cancellationToken);
    }

    private void WriteLine(string line)
    {
        lock (_gate)
        {
            ClearProgress();
            FlushResults();
            around.Error.Write($"{Flow(line)}\n");
        }
    }

    private string Flow(string line)
    {
        var text = Screen.Fit(line, around.Terminal.IsUnicode);
        return around.Terminal.IsError ? Cells.Flow(text, around.Terminal.Width) : text;
    }

    /// <summary>On one terminal, results and messages come in the order in which they were written.</summary>
    private void FlushResults()
    {
        if (around.Terminal is { IsOutput: true, IsError: true })
        {
            around.Out.Flush();
        }
    }

    private void DrawElapsed()
    {
        lock (_gate)
        {
            if (_stepBegan is { } began)
            {
                // Whole seconds, so that the line does not flicker.
                var elapsed = TimeSpan.FromSeconds(Math.Floor(around.Time.GetElapsedTime(began).TotalSeconds));
                Draw(room => _progress.Elapsed(elapsed, room));
            }
        }
    }

    private void StopClock()
    {
        if (_stepBegan is not null)
        {
            _stepBegan = null;
            _clock!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            ClearProgress();
        }
    }

    private void DrawAwaited()
    {
        lock (_gate)
        {
            if (_isAwaited && _progress.IsOpen)
            {
                Draw(_progress.Draw);
            }

            _isAwaited = false;
        }
    }

    /// <summary>
    /// In one piece, so that it does not flicker; the last column is left free, since a cursor behind it would go to the next line.
    /// </summary>
    private void Draw(Func<int, string> drawIn)
    {
        var indent = IndentFor(around.Terminal.Width);
        var line = indent + drawIn(around.Terminal.Width - indent.Length - 1);
        var width = _progress.Width(Paint.Strip(line));
        around.Error.Write($"\r{line}{new string(' ', Math.Max(0, _drawnWidth - width))}");
        (_drawnAt, _drawnWidth) = (around.Time.GetTimestamp(), width);
    }

    private void CloseProgress()
    {
        if (!_progress.IsOpen)
        {
            return;
        }

        _isAwaited = false;
        ClearProgress();
        var room = around.Terminal.IsError ? around.Terminal.Width : int.MaxValue;
        var indent = IndentFor(room);
        around.Error.Write($"{indent}{_progress.Summarize(room - indent.Length)}\n");
        _progress.Close();
    }

    /// <summary>Progress stands under the name of its step, where there is room to spare.</summary>
    private static string IndentFor(int width) => width >= 60 ? "      " : "";

    private void ClearProgress()
    {
        if (_drawnWidth > 0)
        {
            around.Error.Write($"\r{new string(' ', _drawnWidth)}\r");
            _drawnWidth = 0;
        }
    }

    /// <summary>Not what says that it cannot, nor what keeps a log for somebody to read later.</summary>
    private static bool CanRewrite(IReadOnlyDictionary<string, string> environment) =>
        environment.GetValueOrDefault("TERM") is not "dumb" && environment.GetValueOrDefault("CI") is null or "" or "0" or "false";

    private sealed class Logger(Messages messages, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => messages.IsVerbose && logLevel >= LogLevel.Debug;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                messages.WriteLine(Texts.Clean($"{NameOf(logLevel)} {category}[{eventId.Id}] {formatter(state, exception)}"));
            }
        }

        private static string NameOf(LogLevel level) => level switch
        {
            LogLevel.Debug => "debug",
            LogLevel.Information => "info ",
            LogLevel.Warning => "warn ",
            _ => "error",
        };
    }

    private bool IsVerbose => isVerbose;
}
