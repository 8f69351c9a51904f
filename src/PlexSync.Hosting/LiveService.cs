using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PlexSync.Hosting;

/// <summary>Keeps the jobs up until the host stops, and tells logs, metrics and the health check how they fare.</summary>
internal sealed partial class LiveService(
    IServiceProvider services, IOptionsMonitor<PlexSyncOptions> options, JobStates states, JobMetrics metrics, TimeProvider time,
    ILogger<LiveService> logger)
    : BackgroundService, IProgress<LiveEvent>
{
    private static readonly TimeSpan BetweenStarts = TimeSpan.FromMinutes(1);

    public void Report(LiveEvent value)
    {
        switch (value)
        {
            case LiveJobConnected connected:
                Tell(connected);
                break;
            case LiveRunEnded ended:
                Tell(ended);
                break;
            case LiveBurst burst:
                Log.Burst(logger, burst.Job.Name, burst.Changes, burst.RunIn);
                break;
            case LiveJobFailed failed:
                Fail(failed.Job.Name, failed.Error, failed.RetryIn);
                break;
            case LiveJobRecovered recovered:
                Log.Recovered(logger, recovered.Job.Name, recovered.Failures);
                break;
            case LiveStreamChanged { Error: { } error } lost:
                Log.EventsLost(logger, lost.Server.Name, error.Message);
                break;
            case LiveStreamChanged heard:
                Log.EventsHeard(logger, heard.Server.Name);
                break;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What was checked at start; of what is configured anew, only the token and the PINs count.
        var started = options.CurrentValue;
        var plex = services.GetRequiredService<PlexClient>();
        var live = new LiveSynchronizer(
            services.GetRequiredService<ISyncStore>(), started.Live, services.GetRequiredService<ILogger<WatchStateSynchronizer>>(), time);
        var jobs = started.Jobs.Values.Select(job => new LiveJob(job, cancellationToken => ConnectAsync(plex, job, cancellationToken)))
            .ToList();
        states.Begin(jobs.Select(static job => job.Name));
        while (true)
        {
            try
            {
                await live.RunAsync(jobs, this, stoppingToken).ConfigureAwait(false);
            }
            catch (PlexException e) when (e.Kind is PlexErrorKind.JobsInLoop)
            {
                Log.Refused(logger, e.Message);
                throw;
            }
            catch (PlexException e)
            {
                // Another process has a job, or the store cannot be used: either may pass.
                jobs.ForEach(job => Fail(job.Name, e, BetweenStarts));
            }

            await Task.Delay(BetweenStarts, time, stoppingToken).ConfigureAwait(false);
        }
    }

    private Task<JobUsers> ConnectAsync(PlexClient plex, SyncJob job, CancellationToken cancellationToken)
    {
        var current = options.CurrentValue;
        return new JobConnector(plex, _ => Task.FromResult(current.Token), current.Pins.AsReadOnly()).ConnectAsync(job, cancellationToken);
    }

    private void Tell(LiveJobConnected connected)
    {
        var (job, users) = (connected.Job.Name, connected.Users);
        foreach (var error in users.LeftOut)
        {
            Log.LeftOut(logger, job, error.UserName ?? error.Subject, error.Message);
        }

        var titles = users.Targets.Prepend(users.Source).Select(static user => user.User.Title);
        Log.Connected(logger, job, users.Source.Name, string.Join("', '", titles));
    }

    private void Tell(LiveRunEnded ended)
    {
        var (job, reports) = (ended.Job.Name, ended.Reports);
        var written = reports.Sum(static report => report.Count(ChangeOutcome.Applied));
        metrics.CountRun(job);
        metrics.CountChanges(job, written);
        foreach (var report in reports.Where(static report => report.Plan.Changes.Count > 0))
        {
            Log.Wrote(
                logger, job, report.Count(ChangeOutcome.Applied), report.Plan.Changes.Count, report.Plan.Target.Title,
                report.Count(ChangeOutcome.Failed) + report.Count(ChangeOutcome.Unknown));
        }

        if (reports.All(static report => report.Plan.Changes.Count == 0))
        {
            Log.NothingToWrite(logger, job);
        }

        if (reports.All(static report => report.Error is null))
        {
            states.Succeed(job);
        }
    }

    private void Fail(string job, PlexException error, TimeSpan wait)
    {
        metrics.CountFailure(job, error.Kind);
        states.Fail(job, error);
        if (NeedsSomebody(error))
        {
            Log.NeedsSomebody(logger, job, wait, error.Message);
        }
        else
        {
            Log.Failed(logger, job, wait, error.Message);
        }
    }

    /// <summary>No later attempt ends differently unless somebody does something; everything else may pass.</summary>
    private static bool NeedsSomebody(PlexException error) => error.Category is PlexErrorCategory.Usage or PlexErrorCategory.Account
        || error.Kind is PlexErrorKind.WrongServer or PlexErrorKind.CertificateRejected or PlexErrorKind.TooManyRemovals;

    private static partial class Log
    {
        [LoggerMessage(4000, LogLevel.Information, "The job '{Job}' is connected to '{Server}' as '{Users}'")]
        public static partial void Connected(ILogger logger, string job, string server, string users);

        [LoggerMessage(4001, LogLevel.Warning, "The job '{Job}' leaves '{User}' out: {Reason}")]
        public static partial void LeftOut(ILogger logger, string job, string? user, string reason);

        [LoggerMessage(
            4010,
            LogLevel.Information,
            "The job '{Job}' has written {Written} of {Changes} changes for '{User}', {Failed} failed")]
        public static partial void Wrote(ILogger logger, string job, int written, int changes, string user, int failed);

        [LoggerMessage(4011, LogLevel.Debug, "The job '{Job}' had nothing to write")]
        public static partial void NothingToWrite(ILogger logger, string job);

        [LoggerMessage(4012, LogLevel.Information, "The job '{Job}' has {Changes} changes at once: an ordinary run in {Delay} makes them")]
        public static partial void Burst(ILogger logger, string job, int changes, TimeSpan delay);

        [LoggerMessage(4020, LogLevel.Warning, "The job '{Job}' failed and is tried again in {Delay}: {Reason}")]
        public static partial void Failed(ILogger logger, string job, TimeSpan delay, string reason);

        [LoggerMessage(
            4021,
            LogLevel.Error,
            "The job '{Job}' failed, and somebody has to do something about it; it is tried again in {Delay}: {Reason}")]
        public static partial void NeedsSomebody(ILogger logger, string job, TimeSpan delay, string reason);

        [LoggerMessage(4022, LogLevel.Information, "The job '{Job}' is kept up again (failures in a row: {Failures})")]
        public static partial void Recovered(ILogger logger, string job, int failures);

        [LoggerMessage(4023, LogLevel.Critical, "The jobs are not run: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(4030, LogLevel.Warning, "The events of '{Server}' are lost, it is asked more often instead: {Reason}")]
        public static partial void EventsLost(ILogger logger, string server, string reason);

        [LoggerMessage(4031, LogLevel.Information, "The events of '{Server}' are heard")]
        public static partial void EventsHeard(ILogger logger, string server);
    }
}
