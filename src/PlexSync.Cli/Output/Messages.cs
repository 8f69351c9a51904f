using Microsoft.Extensions.Logging;

namespace PlexSync.Cli.Output;

/// <summary>Standard error: what is being done, warnings, the failure that ended a run, and with --verbose the library's logs.</summary>
internal sealed class Messages(Surroundings around, Texts texts, bool isQuiet, bool isVerbose, bool hasColor, TimeSpan timeout) : ILoggerFactory, IProgress<SyncProgress>
{
    private const int Steps = 5;

#if NET9_0_OR_GREATER
    private readonly Lock _gate = new();
#else
    private readonly object _gate = new();
#endif
    private readonly bool _hasProgress = around.Terminal.IsError && !isQuiet && !isVerbose;
    private int _progressLength;

    public void Step(int number, string key, params object?[] arguments)
    {
        if (!isQuiet)
        {
            WriteLine($"[{number}/{Steps}] {texts.Format(key, arguments)}");
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

    public void Warn(string sentence) => WriteLine(Paint.Yellow(texts.Format("Warning", sentence), hasColor));

    public void Fail(Failure failure, Exception? exception)
    {
        WriteLine(Paint.Red($"plexsync: {failure.Message}", hasColor));
        if (isVerbose && exception is not null)
        {
            foreach (var line in exception.ToString().Split('\n'))
            {
                WriteLine($"  {Texts.Clean(line)}");
            }
        }
        else if (failure.ExitCode is ExitCode.Unexpected)
        {
            WriteLine(texts["TryVerbose"]);
        }
    }

    public async Task<string?> AskSecretAsync(string prompt, CancellationToken cancellationToken)
    {
        await around.Error.WriteAsync(Screen.Fit(prompt, around.Terminal));
        await around.Error.FlushAsync(cancellationToken);
        var answer = around.Terminal.ReadSecretAsync is { } read ? await read(cancellationToken) : await around.In.ReadLineAsync(cancellationToken);
        await around.Error.WriteAsync('\n');
        return string.IsNullOrWhiteSpace(answer) ? null : answer.Trim();
    }

    /// <summary>Asks a question whose answer is no unless it is yes.</summary>
    public async Task<bool> AskAsync(string question, CancellationToken cancellationToken)
    {
        var answer = await AskLineAsync(question, cancellationToken);
        return texts["Consent_Yes"].Split(' ').Contains(answer, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Asks for a line; null where input has ended.</summary>
    public async Task<string?> AskLineAsync(string question, CancellationToken cancellationToken)
    {
        await around.Error.WriteAsync(Screen.Fit($"{question} ", around.Terminal));
        await around.Error.FlushAsync(cancellationToken);
        // Reading a console cannot be cancelled; not waiting for it can.
        return (await Task.Run(around.In.ReadLine, cancellationToken).WaitAsync(cancellationToken))?.Trim();
    }

    /// <summary>Rewrites one line while somebody watches.</summary>
    public void Report(SyncProgress value)
    {
        if (value.Phase is SyncPhase.Settling && !isQuiet)
        {
            WriteLine(texts.Format("Waiting", value.Total, texts.Duration(timeout)));
        }

        if (!_hasProgress || value.Phase is SyncPhase.Settling)
        {
            return;
        }

        var text = value.Phase switch
        {
            SyncPhase.Reading => texts.Format("Progress_Reading", value.Library?.Title, value.User.Title, value.Done),
            SyncPhase.Verifying => texts.Format("Progress_Verifying", value.User.Title, value.Total),
            _ => texts.Format("Progress_Writing", value.User.Title, value.Done, value.Total),
        };
        text = text.Length < around.Terminal.Width ? text : text[..(around.Terminal.Width - 1)];
        lock (_gate)
        {
            around.Error.Write($"\r{Screen.Fit(text, around.Terminal).PadRight(_progressLength)}");
            _progressLength = text.Length;
        }
    }

    public void EndProgress()
    {
        lock (_gate)
        {
            ClearProgress();
        }
    }

    ILogger ILoggerFactory.CreateLogger(string categoryName) => new Logger(this, categoryName);

    void ILoggerFactory.AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    void IDisposable.Dispose()
    {
        // Nothing is held; the writer belongs to the caller.
    }

    private void WriteLine(string line)
    {
        lock (_gate)
        {
            ClearProgress();
            around.Error.Write($"{Screen.Fit(line, around.Terminal)}\n");
        }
    }

    private void ClearProgress()
    {
        if (_progressLength > 0)
        {
            around.Error.Write($"\r{new string(' ', _progressLength)}\r");
            _progressLength = 0;
        }
    }

    private sealed class Logger(Messages messages, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => messages.IsVerbose && logLevel >= LogLevel.Debug;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
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
