using Cocona;
using Microsoft.Extensions.Logging;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Commands;

/// <summary>Keeps users in step while they watch, until it is ended: one job as the options say, or jobs of the file.</summary>
internal sealed class WatchCommand(CommandContext context)
{
    /// <summary>What a job is called that only the options describe.</summary>
    private const string Nameless = "watch";

    [Command("watch"), Traits(PrintsLines = true)]
    public async Task<int> RunAsync(
        PlanOptions who,
        AcrossOptions across,
        JobOptions jobs,
        RuleOptions rules,
        ItemOptions items,
        WatchOptions watch,
        CancellationToken cancellationToken)
    {
        var options = watch.ToLive();
        options.RequiresStart = true;
        var hook = NotifyHook.Find(context.Settings, context.Console.Environment);
        using var http = Session.CreateHttpClient();
        var own = new CommandContext(context.Console.ForDays(http), context.Settings);
        List<Keeping> keepings = jobs.IsGiven
            ? new JobChoice(own, jobs).Choose().ConvertAll(job => new Keeping(own, job.Name, () => OfJob(own, job)))
            : [new Keeping(own, Nameless, () => OfOptions(own))];
        var state = new LiveStatus(keepings.Select(static keeping => keeping.Name), own.Texts, own.Console.Time);
        var live = keepings.ConvertAll(keeping => keeping.Prepare(state));
        await using var notifier = hook is null ? null : new Notifier(hook, own);
        using var log = new WatchLog(own, state, notifier);
        context.Messages.Note(context.Texts.Count("Watch_Begin", live.Count, string.Join(", ", live.Select(static job => job.Name))));
        try
        {
            var logger = own.Messages.CreateLogger<WatchStateSynchronizer>();
            await new LiveSynchronizer(own.Store, options, logger, own.Console.Time).RunAsync(live, log, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is how it ends.
        }

        return ExitCode.Done;

        (CommandContext, SyncTask) OfOptions(CommandContext own)
        {
            // Names of users pile up in a context, and each connecting learns them anew.
            var fresh = new CommandContext(own.Console, own.Settings);
            return (fresh, SyncTask.OfPair(fresh, who, across, rules, items, new()));
        }

        static (CommandContext, SyncTask) OfJob(CommandContext own, JobSettings job)
        {
            var fresh = own.Of(job);
            return (fresh, SyncTask.OfJob(fresh, job));
        }
    }

    /// <summary>A job, and how its users are found and connected to again and again.</summary>
    private sealed class Keeping(CommandContext own, string name, Func<(CommandContext Context, SyncTask Task)> create)
    {
        public string Name => name;

        /// <summary>Checks it as far as that is possible without a server.</summary>
        public LiveJob Prepare(LiveStatus state)
        {
            var (context, task) = create();
            task.Job.Name = name;
            task.Job.MaxRemovals = context.Settings.Find("max-removals")?.ToNumber(0, int.MaxValue);
            LiveJob? job = null;
            return job = new LiveJob(task.Job, cancellationToken => ConnectAsync(state.Of(job!), cancellationToken));
        }

        private async Task<JobUsers> ConnectAsync(JobStatus status, CancellationToken cancellationToken)
        {
            var (context, task) = create();
            var outcome = new SyncOutcome { Id = RunId.Create(own.Console.Time) };
            using var session = await Session.SignInAsync(context, cancellationToken, task.Across, isAhead: true);
            var users = await task.ConnectAsync(outcome, session, cancellationToken);
            status.LeftOut = outcome.LeftOut;
            return users;
        }
    }

    /// <summary>Takes in what happens, from whatever thread: prints it, keeps the status, and notifies.</summary>
    private sealed class WatchLog : IProgress<LiveEvent>, IDisposable
    {
        private readonly LiveStatus _state;
        private readonly WatchWriter _writer;
        private readonly StatusFile _file;
        private readonly Notifier? _notifier;
        /// <summary>By then, nothing holds on any more to what a run has read.</summary>
        private static readonly TimeSpan UntilTidied = TimeSpan.FromSeconds(10);

        private readonly ITimer _timer;
        private readonly ITimer _tidying;
        private bool _hasBegun;

        public WatchLog(CommandContext own, LiveStatus state, Notifier? notifier)
        {
            (_state, _notifier) = (state, notifier);
            (_writer, _file) = (new WatchWriter(own, state), new StatusFile(own, state));
            _timer = own.Console.Time.CreateTimer(static log => ((WatchLog)log!).Beat(), this, StatusFile.Every, StatusFile.Every);
            _tidying = own.Console.Time.CreateTimer(static _ => Tidy(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Report(LiveEvent value)
        {
            lock (_state)
            {
                // Before the first event, another process may have the jobs, and the file.
                _hasBegun = true;
                var isUp = _state.Apply(value);
                // Whoever reads of it finds it in the status, too.
                Tell();
                _writer.Write(value, isUp);
            }

            if (value is LiveRunEnded)
            {
                // What a run has read, and the records of earlier ones, are far more than all that is kept of them for the next hours.
                _tidying.Change(UntilTidied, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose()
        {
            _timer.Dispose();
            _tidying.Dispose();
            lock (_state)
            {
                if (_hasBegun)
                {
                    _hasBegun = false;
                    _file.Write(isStopped: true);
                }
            }
        }

        private static void Tidy() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);

        private void Beat()
        {
            lock (_state)
            {
                if (_hasBegun)
                {
                    Tell();
                }
            }
        }

        private void Tell()
        {
            _file.Write();
            foreach (var job in _state.Jobs)
            {
                _notifier?.Consider(job);
            }
        }
    }
}
