using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace PlexSync.EndToEnd.Tests.Hosted;

/// <summary>What a host logs; what the hosted service itself says can be waited for.</summary>
internal sealed class HostLines : ILoggerProvider
{
    private readonly Channel<HostLine> _lines = Channel.CreateUnbounded<HostLine>();
    private readonly List<HostLine> _read = [];
    private readonly List<string> _all = [];

    /// <summary>Everything that anybody said, with its scopes' category, as far as it came.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (_all)
            {
                return [.. _all];
            }
        }
    }

    /// <summary>What the service has said up to what was waited for.</summary>
    public IReadOnlyList<HostLine> Read => _read;

    /// <summary>Waits until the service has said something, since it was last waited for or before.</summary>
    /// <param name="id">The event.</param>
    /// <param name="times">How often.</param>
    public async Task<HostLine> WaitAsync(int id, int times = 1)
    {
        while (_read.Count(line => line.Id == id) < times)
        {
            _read.Add(await _lines.Reader.ReadAsync(TestContext.Current.CancellationToken));
        }

        return _read.Where(line => line.Id == id).ElementAt(times - 1);
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(HostLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception);
            lock (lines._all)
            {
                lines._all.Add($"{category}: {text} {exception}");
            }

            if (category == "PlexSync.Hosting.LiveService")
            {
                lines._lines.Writer.TryWrite(new HostLine(eventId.Id, logLevel, text));
            }
        }
    }
}

internal sealed record HostLine(int Id, LogLevel Level, string Text);
