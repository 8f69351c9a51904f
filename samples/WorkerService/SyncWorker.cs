using Microsoft.Extensions.Options;
using PlexSync;

namespace WorkerService;

/// <summary>
/// Brings the users up to date when it starts, and again each time the period has passed; what fails is tried again then.
/// </summary>
internal sealed partial class SyncWorker(
    IServiceScopeFactory scopes, WatchStateSynchronizer synchronizer, IOptions<WorkerOptions> options, TimeProvider time,
    ILogger<SyncWorker> logger)
    : BackgroundService
{
    private readonly WorkerOptions _options = options.Value;
    private int _failures;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.Every, time);
        do
        {
            await TryAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await SyncAsync(stoppingToken) is { } error)
            {
                Fail(error);
            }
            else if (Interlocked.Exchange(ref _failures, 0) is > 0 and var failures)
            {
                Log.Recovered(logger, failures);
            }
        }
        catch (PlexException e)
        {
            Fail(e);
        }
        catch (SyncCanceledException e)
        {
            Log.Stopped(logger, e.Reports.Sum(static report => report.Count(ChangeOutcome.Applied)), e.Reports.Sum(
                static report => report.Results.Count));
            throw;
        }
    }

    /// <summary>
    /// One run: everybody is proved and planned for before the first write. Returns what ended it early, if anything did.
    /// </summary>
    private async Task<PlexException?> SyncAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        await using var scope = scopes.CreateAsyncScope();
        var plex = scope.ServiceProvider.GetRequiredService<PlexClient>();
        var account = await plex.SignInAsync(_options.Token, cancellationToken);
        var owner = await plex.ConnectAsync(_options.Server!, account, cancellationToken);
        var switcher = new HomeUserSwitcher(plex, account);
        var targets = new List<PlexServer>();
        foreach (var user in _options.To)
        {
            targets.Add(
                await switcher.SwitchAsync(owner, user, _options.Pins.TryGetValue(user, out var pin) ? pin : null, cancellationToken));
        }

        var sync = new SyncOptions { Policy = ConflictPolicies.All.First(policy => policy.Name == _options.Policy) };
        var plans = await synchronizer.PlanAsync(owner, targets, sync, cancellationToken: cancellationToken);
        var reports = await synchronizer.ApplyAsync(plans, [owner, .. targets], sync, cancellationToken: cancellationToken);

        var requests = plex.Requests;
        Log.Synchronized(
            logger,
            reports.Count,
            time.GetElapsedTime(started).TotalSeconds,
            reports.Sum(static report => report.Count(ChangeOutcome.Applied)),
            reports.Sum(static report => report.Count(ChangeOutcome.Failed) + report.Count(ChangeOutcome.Unknown)),
            reports.Sum(static report => report.Plan.Skipped.Count + report.Count(ChangeOutcome.Skipped)),
            plans.Sum(static plan => plan.Libraries.Count(static library => library.Error is not null)),
            requests.Reads,
            requests.Writes);
        return reports.Select(static report => report.Error).FirstOrDefault(static error => error is not null);
    }

    private void Fail(PlexException error)
    {
        _failures++;
        if (NeedsSomebody(error))
        {
            Log.NeedsSomebody(logger, _failures, error.Message);
        }
        else
        {
            Log.Failed(logger, _failures, _options.Every, error.Message);
        }
    }

    /// <summary>No later run ends differently unless somebody does something; everything else may pass.</summary>
    private static bool NeedsSomebody(PlexException error) => error.Category is PlexErrorCategory.Usage or PlexErrorCategory.Account
        || error.Kind is PlexErrorKind.WrongServer or PlexErrorKind.CertificateRejected or PlexErrorKind.TooManyRemovals;

    private static partial class Log
    {
        [LoggerMessage(
            1,
            LogLevel.Information,
            "Synchronized {Users} users in {Seconds:0.0} s: {Applied} changes written, {Failed} failed, {Skipped} differences left alone, "
            + "{LeftOut} libraries left out; {Reads} reads, {Writes} writes")]
        public static partial void Synchronized(
            ILogger logger, int users, double seconds, int applied, int failed, int skipped, int leftOut, long reads, long writes);

        [LoggerMessage(2, LogLevel.Information, "All is well again after {Failures} failed runs")]
        public static partial void Recovered(ILogger logger, int failures);

        [LoggerMessage(
            3,
            LogLevel.Information,
            "Stopped in the middle of a run: {Applied} of {Changes} changes are written, the next run does the rest")]
        public static partial void Stopped(ILogger logger, int applied, int changes);

        [LoggerMessage(10, LogLevel.Warning, "The run failed ({Failures} in a row) and is tried again in {Delay}: {Reason}")]
        public static partial void Failed(ILogger logger, int failures, TimeSpan delay, string reason);

        [LoggerMessage(11, LogLevel.Critical, "The run failed ({Failures} in a row), and somebody has to do something about it: {Reason}")]
        public static partial void NeedsSomebody(ILogger logger, int failures, string reason);
    }
}
