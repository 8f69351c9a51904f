using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Runs one job of the configuration file, or all of them one after the other.</summary>
/// <param name="context">That of the whole command.</param>
/// <param name="chosen">Which of them.</param>
/// <param name="prepare">Makes a run of what a job asks for; what cannot be right is refused here.</param>
internal sealed class JobRunner(
    CommandContext context, JobOptions chosen, Func<CommandContext, SyncTask, WriteOptions, PreparedRun> prepare)
{
    private readonly JobChoice _choice = new(context, chosen);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var jobs = _choice.Choose();
        List<SyncDocument>? documents = chosen.AllJobs ? [] : null;
        var runs = jobs.ConvertAll(job => Prepare(job, documents));
        if (documents is null)
        {
            return await runs[0].RunAsync(cancellationToken);
        }

        try
        {
            if (runs.Count > 1)
            {
                await RequireNoLoopAsync(runs, cancellationToken);
            }

            return await RunAllAsync(runs, documents, cancellationToken);
        }
        finally
        {
            runs.ForEach(static run => run.Session?.Dispose());
        }
    }

    private JobRun Prepare(JobSettings job, List<SyncDocument>? documents)
    {
        var own = context.Of(job, documents);
        var task = SyncTask.OfJob(own, job);
        var write = SyncTask.Bind<WriteOptions>(own);
        write.Report = documents is null ? write.Report : PerJob(write.Report, job.Name);
        return new(job.Name, own, task, prepare(own, task, write));
    }

    /// <summary>A file of each job's own: <c>plan.json</c> is <c>plan.kid.json</c> for the job kid.</summary>
    public static Given? PerJob(Given? file, string job) => file is null ? null
        : OutputFile.IsStandardOutput(file.Value) ? throw Usage("Jobs_StandardOutput", file.Origin, "--all-jobs")
        : OutputFile.IsDevice(file.Value) ? file
        : file with
        {
            Values =
            [
                Path.Combine(
                    Path.GetDirectoryName(file.Value) ?? "",
                    $"{Path.GetFileNameWithoutExtension(file.Value)}.{job}{Path.GetExtension(file.Value)}"),
            ],
        };

    /// <summary>Finds out whom every job means; one that cannot be run for that says so when its turn comes.</summary>
    private async Task RequireNoLoopAsync(List<JobRun> runs, CancellationToken cancellationToken)
    {
        context.Messages.Note(context.Texts["Jobs_Checking"]);
        var routes = new List<SyncRoute>();
        foreach (var run in runs)
        {
            try
            {
                run.Session = await Session.SignInAsync(run.Context, cancellationToken, run.Wanted.Across, isAhead: true);
                routes.Add(await run.Wanted.ResolveAsync(run.Session, cancellationToken));
            }
            catch (Exception e) when (e is PlexException or CliException { Kind: not CliException.NoToken })
            {
                run.Failure = e;
            }
        }

        if (SyncRoute.FindLoop(routes) is { } loop)
        {
            var titles = await runs.Find(static run => run.Session is not null)!.Session!.ListAsync(cancellationToken);
            throw Usage(
                "Jobs_Loop",
                loop.One.Job.Name,
                loop.Other.Job.Name,
                titles.FirstOrDefault(user => user.Id == loop.User.User)?.Title ?? $"id:{loop.User.User}",
                _choice.Path);
        }
    }

    private async Task<int> RunAllAsync(List<JobRun> runs, List<SyncDocument> documents, CancellationToken cancellationToken)
    {
        var exitCode = ExitCode.Done;
        var failed = new List<string>();
        for (var at = 0; at < runs.Count && exitCode != ExitCode.Cancelled; at++)
        {
            context.Messages.Note(context.Texts.Format("Job_Heading_Of", runs[at].Name, at + 1, runs.Count));
            var code = await runs[at].RunAsync(cancellationToken);
            exitCode = ExitCode.Worse(exitCode, code);
            failed.AddRange(code == ExitCode.Done ? [] : [runs[at].Name]);
        }

        if (context.IsJson)
        {
            JsonOutput.Write(context.Console.Out, new JobsDocument(documents, exitCode), JsonContext.Default.JobsDocument);
        }
        else if (failed.Count > 0)
        {
            context.Messages.Say(context.Texts.Count("Jobs_Failed", failed.Count, runs.Count, string.Join(", ", failed)));
        }

        return exitCode;
    }

    private static CliException Usage(string key, params object?[] arguments) => new(CliException.Usage, key, arguments);

    private sealed record JobRun(string Name, CommandContext Context, SyncTask Wanted, PreparedRun Run)
    {
        /// <summary>The one that its names were looked up with.</summary>
        public Session? Session { get; set; }

        /// <summary>Why it cannot be run.</summary>
        public Exception? Failure { get; set; }

        public Task<int> RunAsync(CancellationToken cancellationToken) => Run.Operation.RunAsync(
            () => Failure is { } failure ? Task.FromException<Session>(failure)
                : Session is { } session ? Task.FromResult(session)
                : Session.SignInAsync(Context, cancellationToken, Wanted.Across, isAhead: true),
            Run.Work);
    }
}
