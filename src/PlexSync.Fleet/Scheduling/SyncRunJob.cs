using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Running;
using Quartz;

namespace PlexSync.Fleet.Scheduling;

/// <summary>What the scheduler runs: the job of that name, of the server that is its group. Nothing else is in its data.</summary>
[DisallowConcurrentExecution]
internal sealed partial class SyncRunJob(ServerCatalogue catalogue, JobRunner runner, ILogger<SyncRunJob> logger) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var (server, job) = (context.JobDetail.Key.Group, context.JobDetail.Key.Name);
        try
        {
            if (await catalogue.FindAsync(server, job, cancellationToken).ConfigureAwait(false) is { Job.IsPaused: false } found)
            {
                await runner.RunAsync(found.Server, found.Job, context.FireInstanceId, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (TakenOverException e)
        {
            Log.Lost(logger, server, job, e.Message);
        }
        catch (PlexException e) when (!CanPass(e))
        {
            // It is noted; before somebody does something, another attempt ends the same.
            Log.NeedsSomebody(logger, server, job, e.Message);
        }
        catch (PlexException e)
        {
            Log.Failed(logger, server, job, e.Message);
            throw new JobExecutionException(e.Message, e);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The scheduler would tell of every failure with its stack; that is off, so this must be told here.
            Log.Unexpected(logger, e, server, job);
            throw new JobExecutionException(e.Message, e);
        }
    }

    /// <summary>Whether another attempt may end differently though nobody does anything.</summary>
    public static bool CanPass(PlexException error) => error.Kind switch
    {
        // The database was away.
        PlexErrorKind.JournalFailed => true,
        PlexErrorKind.WrongServer or PlexErrorKind.CertificateRejected or PlexErrorKind.TooManyRemovals or PlexErrorKind.JobsInLoop =>
            false,
        _ => error.Category is not (PlexErrorCategory.Usage or PlexErrorCategory.Account),
    };

    private static partial class Log
    {
        [LoggerMessage(5013, LogLevel.Error, "The job '{Job}' of '{Server}' failed unexpectedly and is tried again")]
        public static partial void Unexpected(ILogger logger, Exception e, string server, string job);

        [LoggerMessage(5012, LogLevel.Warning, "The job '{Job}' of '{Server}' is left to another node: {Reason}")]
        public static partial void Lost(ILogger logger, string server, string job, string reason);

        [LoggerMessage(5010, LogLevel.Warning, "The job '{Job}' of '{Server}' failed and is tried again: {Reason}")]
        public static partial void Failed(ILogger logger, string server, string job, string reason);

        [LoggerMessage(5011, LogLevel.Error, "The job '{Job}' of '{Server}' failed and needs attention: {Reason}")]
        public static partial void NeedsSomebody(ILogger logger, string server, string job, string reason);
    }
}
