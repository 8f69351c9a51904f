using System.Text;
using System.Text.Json;

namespace PlexSync.Cli.Output;

internal enum WatchNews
{
    Failed,

    /// <summary>A limit does not let the job do what it would.</summary>
    Refused,

    Recovered,
}

/// <summary>
/// Says elsewhere that a job fails, is refused or works again. Nobody waits for it, and each cause is said once an hour at most; what could
/// not be said then is said later, if it still holds.
/// </summary>
/// <param name="hook">Where it is sent to. It is a secret, and so is all that the framework says of it.</param>
/// <param name="context">What the command works with.</param>
internal sealed class Notifier(Uri hook, CommandContext context) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Some services refuse long messages.</summary>
    private const int MostLetters = 1500;

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly CancellationTokenSource _stop = new();
    private readonly OncePerHour _causes = new(context.Console.Time);
    private readonly OncePerHour _troubles = new(context.Console.Time);
    private readonly Dictionary<string, (WatchNews News, string Kind)> _said = [];
    private Task _sending = Task.CompletedTask;

    /// <summary>Says how the job is doing, if that is news and may be said now.</summary>
    public void Consider(JobStatus job)
    {
        lock (_said)
        {
            var before = _said.TryGetValue(job.Name, out var known) ? known : ((WatchNews News, string Kind)?)null;
            (WatchNews News, string Kind)? now = job.Failure is { } failure
                ? (failure.Kind == Failure.NameOf(PlexErrorKind.TooManyRemovals) ? WatchNews.Refused : WatchNews.Failed, failure.Kind)
                : before is { News: not WatchNews.Recovered, Kind: var kind } ? (WatchNews.Recovered, kind) : null;
            if (now is { } news && news != before && _causes.Allows($"{job.Name}\n{news}"))
            {
                _said[job.Name] = news;
                _sending = SendAsync(_sending, job.Name, before, Describe(job, news.News, news.Kind));
            }
        }
    }

    /// <summary>Until all that was to be said was sent, or could not be.</summary>
    public Task WhenSentAsync() => _sending;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        _http.Dispose();
        _stop.Dispose();
    }

    private Notification Describe(JobStatus job, WatchNews news, string kind)
    {
        var texts = context.Texts;
        var title = texts.Format($"Notify_{news}", job.Name);
        var message = job.Failure?.Message ?? texts.Format("Notify_Works", job.Users ?? job.Name);
        message = message.Length > MostLetters ? $"{message[..MostLetters]}…" : message;
        var all = $"{title}\n{message}";
        return new(
            title, message, all, all, Failure.NameOf(news), job.Name, kind, StateDocument.Time(context.Console.Time.GetUtcNow()));
    }

    private async Task SendAsync(Task before, string job, (WatchNews, string)? saidBefore, Notification notification)
    {
        // The job that this is about goes on at once.
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (await FindTroubleAsync(notification) is { } trouble)
        {
            lock (_said)
            {
                // It is still to be said.
                if (saidBefore is { } older)
                {
                    _said[job] = older;
                }
                else
                {
                    _said.Remove(job);
                }
            }

            if (_troubles.Allows(""))
            {
                context.Messages.Warn(context.Texts.Format("Notify_Trouble", trouble));
            }
        }
    }

    /// <summary>Sends it; why it did not arrive, without the address, or null.</summary>
    private async Task<string?> FindTroubleAsync(Notification notification)
    {
        using var patience = new CancellationTokenSource(Patience, context.Console.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stop.Token);
        try
        {
            var json = JsonSerializer.Serialize(notification, JsonContext.Default.Notification);
            using var request = new HttpRequestMessage(HttpMethod.Post, hook);
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return answer.IsSuccessStatusCode ? null : context.Texts.Format("Notify_Status", (int)answer.StatusCode);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            return context.Texts.Format("Notify_Silent", context.Texts.Duration(Patience));
        }
        catch (Exception)
        {
            // What it says names the address.
            return context.Texts["Notify_Unreachable"];
        }
    }
}

/// <summary>
/// What is sent to a hook. Content and text are the same, title and message in one: where Discord and where Slack look for them.
/// </summary>
/// <param name="Title">One line.</param>
/// <param name="Message">What happened and what to do.</param>
/// <param name="Content">For Discord.</param>
/// <param name="Text">For Slack.</param>
/// <param name="Event">A <see cref="WatchNews"/>.</param>
/// <param name="Job">The job.</param>
/// <param name="Kind">Why it failed, by a word.</param>
/// <param name="Time">When.</param>
internal sealed record Notification(
    string Title, string Message, string Content, string Text, string Event, string Job, string Kind, string Time);
