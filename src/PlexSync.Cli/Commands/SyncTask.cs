using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Commands;

/// <summary>A sync or a merge, checked as far as it can be without a server, and ready to be planned.</summary>
internal sealed class SyncTask
{
    private readonly CommandContext _context;

    /// <summary>Null for a merge.</summary>
    private readonly ParticipantRequest? _request;

    private SyncTask(
        CommandContext context, SyncJob job, AcrossOptions across, ReadingOptions reading, ParticipantRequest? request)
    {
        (_context, _request, Job, Across) = (context, request, job, across);
        job.Quick = reading.Quick;
        request?.Require();
        Options = Choice.CreateOptions(context, job, across.ToServer is not null);
    }

    public SyncJob Job { get; }

    public AcrossOptions Across { get; }

    public SyncOptions Options { get; }

    /// <summary>The targets were chosen from a list, because none was named.</summary>
    public bool WasAsked { get; private set; }

    private bool NeedsOneTarget => Options is { Direction: SyncDirection.TwoWay, Unwatched: true };

    public static SyncTask OfPair(
        CommandContext context, PlanOptions who, AcrossOptions across, RuleOptions rules, ItemOptions items, ReadingOptions reading) =>
        new(context, Choice.ToJob(who, rules, items), across, reading, new ParticipantRequest(context, who, across));

    public static SyncTask OfMerge(
        CommandContext context, string[] users, Given? policy, Given? quorum, ItemOptions items, ReadingOptions reading) =>
        new(context, Choice.ToMerge(users, policy, quorum, items), new(), reading, request: null);

    /// <summary>What a job of the configuration file asks for.</summary>
    /// <param name="context">That of the job.</param>
    /// <param name="job">The job.</param>
    public static SyncTask OfJob(CommandContext context, JobSettings job)
    {
        context.RequireSettings();
        var (who, across, rules) = (Bind<PlanOptions>(context), Bind<AcrossOptions>(context), Bind<RuleOptions>(context));
        var wanted = Choice.ToJob(who, rules, Bind<ItemOptions>(context));
        wanted.Name = job.Name;
        wanted.Users = context.Settings.GetAll("user");
        var isMerge = wanted.Users.Count > 0;
        // A variable that is left over does not make another job refuse to run.
        var quorum = isMerge ? context.Settings.Find("quorum") : job.Given.GetValueOrDefault("quorum");
        wanted.Quorum = quorum?.ToNumber(1, int.MaxValue);
        wanted.Policy = rules.Policy?.Value ?? (isMerge ? ConflictPolicies.Furthest : ConflictPolicies.Copy).Name;
        Choice.Require(context, wanted, across);
        return new(
            context, wanted, across, Bind<ReadingOptions>(context), isMerge ? null : new ParticipantRequest(context, who, across));
    }

    public static T Bind<T>(CommandContext context)
        where T : ICommandParameterSet => CommandCatalog.Instance.Bind<T>(context.Settings);

    /// <summary>Plans, and returns everybody that is written to in the order of the plans.</summary>
    public async Task<IReadOnlyList<PlexServer>> PlanAsync(Operation operation, Session session, CancellationToken cancellationToken)
    {
        if (_request is not null)
        {
            var participants = await _request.ConnectAsync(operation.Outcome, session, !NeedsOneTarget, cancellationToken);
            WasAsked = participants.WasAsked;
            return await participants.PlanAsync(operation, cancellationToken);
        }

        var servers = await ConnectMergedAsync(operation.Outcome, session, cancellationToken);
        await operation.MentionKilledRunsAsync(servers, cancellationToken);
        _context.Messages.Step("Step_Read");
        await operation.PlanAsync(
            await operation.Synchronizer.PlanMergeAsync(servers, operation.Options, _context.Messages, cancellationToken));
        return servers;
    }

    /// <summary>Finds the users and connects as each of them, identities proved.</summary>
    public async Task<JobUsers> ConnectAsync(SyncOutcome outcome, Session session, CancellationToken cancellationToken)
    {
        if (_request is not null)
        {
            var participants = await _request.ConnectAsync(outcome, session, !NeedsOneTarget, cancellationToken);
            return new JobUsers(participants.Source, participants.Targets);
        }

        var servers = await ConnectMergedAsync(outcome, session, cancellationToken);
        return new JobUsers(servers[0], servers[1..]);
    }

    /// <summary>Finds the users that the names mean; asks for no PIN.</summary>
    public async Task<SyncRoute> ResolveAsync(Session session, CancellationToken cancellationToken)
    {
        var server = await session.ConnectAsync(cancellationToken);
        if (_request is null)
        {
            var users = await FindMergedAsync(session, cancellationToken);
            return await RouteAsync(server, users[0], server, users[1..]);
        }

        var found = await _request.FindAsync(session, server, mayChooseSeveral: true, cancellationToken);
        return await RouteAsync(server, found.Source, found.TargetServer, found.Targets);

        async Task<SyncRoute> RouteAsync(PlexServer here, PlexUser source, PlexServer there, List<PlexUser> targets) => new(
            Job, new(here.MachineIdentifier, source.Id), targets.ConvertAll(user => new ServerUser(there.MachineIdentifier, user.Id)))
        {
            Libraries = here == there ? ChooseLibraries(await here.GetLibrariesAsync(cancellationToken)) : null,
        };
    }

    private async Task<List<PlexServer>> ConnectMergedAsync(SyncOutcome outcome, Session session, CancellationToken cancellationToken)
    {
        var server = await session.ConnectAsync([.. Job.Users], except: [], cancellationToken);
        outcome.Server = server;
        var users = await FindMergedAsync(session, cancellationToken);
        _context.Messages.Step("Step_Switch", _context.Texts.Users.Of(users));
        return await session.SwitchAllAsync(server, users, outcome, least: 2, isAll: false, cancellationToken);
    }

    private Task<List<PlexUser>> FindMergedAsync(Session session, CancellationToken cancellationToken) =>
        session.FindAsync(Job.Users, [], "Merge_SameUser", cancellationToken);

    /// <summary>The libraries of the job; null, for any, where a name is not clear here: the run itself will say so.</summary>
    private HashSet<LibraryKey>? ChooseLibraries(IReadOnlyList<Library> all)
    {
        var suitable = all.Where(library => library.ItemType is { } type && Options.Types.Contains(type)).ToList();
        var (chosen, excluded) = (Find(Options.Libraries), Find(Options.ExcludedLibraries));
        return chosen is null || excluded is null ? null
            : [.. suitable.Select(static library => library.Key)
                .Where(key => (chosen.Count == 0 || chosen.Contains(key)) && !excluded.Contains(key))];

        List<LibraryKey>? Find(IReadOnlyList<string> names)
        {
            var found = names.Select(name => suitable.Find(library =>
                string.Equals(library.Title, name, StringComparison.OrdinalIgnoreCase)
                    || name == $"{library.Key}" || name == $"key:{library.Key}")).ToList();
            return found.Contains(null) ? null : found.ConvertAll(static library => library!.Key);
        }
    }
}

/// <summary>An operation and its work, to be run once.</summary>
/// <param name="Operation">The frame.</param>
/// <param name="Work">What is done in it.</param>
internal sealed record PreparedRun(Operation Operation, Func<Session, Task> Work);
