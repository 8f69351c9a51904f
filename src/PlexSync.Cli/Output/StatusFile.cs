using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Output;

/// <summary>Keeps <c>status.json</c> in the state folder: how jobs and servers are doing. Its age tells whether the process runs.</summary>
/// <param name="context">What the command works with.</param>
/// <param name="state">How jobs and servers are doing.</param>
internal sealed class StatusFile(CommandContext context, LiveStatus state)
{
    /// <summary>At least so often it is written.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    private bool _isWritten;
    private bool _isNamed;

    public static string PathIn(Folders folders) => folders.InHome(static home => Path.Combine(home, "status.json"));

    /// <summary>Writes it. Where that is not possible, this is said once, and the jobs go on.</summary>
    /// <param name="isStopped">Nothing is kept up any more.</param>
    public void Write(bool isStopped = false)
    {
        try
        {
            var path = PathIn(context.Settings.Folders);
            // The folder itself may be there again: a run has needed it.
            var isGone = _isWritten && !File.Exists(path);
            using var text = new StringWriter(CultureInfo.InvariantCulture);
            var document = StatusDocument.Of(state, context.Console.Time.GetUtcNow(), isStopped);
            JsonOutput.Write(text, document, JsonContext.Default.StatusDocument);
            PrivateFile.Write(path, $"{text}", overwrite: true);
            (_isWritten, _isNamed) = (true, false);
            if (isGone)
            {
                context.Messages.Warn(context.Texts.Format("Status_FolderGone", Path.GetDirectoryName(path)));
            }
        }
        catch (Exception e) when (e is CliException || TextFile.IsUnusable(e))
        {
            if (!_isNamed)
            {
                _isNamed = true;
                var why = e is CliException or NotPrivateException ? Failure.Of(e, context.Texts).Message : e.GetType().Name;
                context.Messages.Warn(context.Texts.Format("Status_Unwritable", why));
            }
        }
    }
}

/// <summary>What stands in <c>status.json</c>: neither tokens nor addresses.</summary>
internal sealed record StatusDocument(
    string Format,
    int Version,
    string Program,
    int ProcessId,
    string StartedAt,
    string UpdatedAt,
    string? StoppedAt,
    IReadOnlyList<JobStatusDocument> Jobs,
    IReadOnlyList<ServerStatusDocument> Servers)
{
    public const string Name = "plexsync-status";
    public const int Current = 1;

    public static StatusDocument Of(LiveStatus state, DateTimeOffset now, bool isStopped) => new(
        Name,
        Current,
        CommandContext.Version,
        Environment.ProcessId,
        StateDocument.Time(state.StartedAt),
        StateDocument.Time(now),
        isStopped ? StateDocument.Time(now) : null,
        [.. state.Jobs.Select(JobStatusDocument.Of)],
        [.. state.Servers.Select(ServerStatusDocument.Of)]);
}

/// <param name="Name">Of the job.</param>
/// <param name="State">A <see cref="JobState"/>.</param>
/// <param name="Since">When it got into that state.</param>
/// <param name="Users">Who gets whose state, for people; null before they were found.</param>
/// <param name="LeftOut">The users who cannot be served.</param>
/// <param name="LastRun">When the last run ended.</param>
/// <param name="LastWholeRun">When the last run ended that read everything.</param>
/// <param name="Changes">How many changes were made since the start.</param>
/// <param name="Error">Why it fails; null where it does not.</param>
/// <param name="RetryAt">When it is tried again.</param>
internal sealed record JobStatusDocument(
    string Name,
    string State,
    string Since,
    string? Users,
    IReadOnlyList<string> LeftOut,
    string? LastRun,
    string? LastWholeRun,
    long Changes,
    ReasonDocument? Error,
    string? RetryAt)
{
    public static JobStatusDocument Of(JobStatus job) => new(
        job.Name,
        Failure.NameOf(job.State),
        StateDocument.Time(job.Since),
        job.Users,
        [.. job.LeftOut.Select(static member => member.User.Title)],
        Time(job.LastRun),
        Time(job.LastWholeRun),
        job.Changes,
        job.Failure is { } failure ? new(failure.Kind, failure.Message) : null,
        Time(job.RetryAt));

    private static string? Time(DateTimeOffset? time) => time is { } known ? StateDocument.Time(known) : null;
}

/// <param name="MachineIdentifier">Which server.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Events">It tells what is played.</param>
internal sealed record ServerStatusDocument(string MachineIdentifier, string Name, bool Events)
{
    public static ServerStatusDocument Of(ServerStatus server) => new($"{server.MachineIdentifier}", server.Name, server.SendsEvents);
}

/// <summary><c>plexsync status --json</c>. Status: what stands in the file; null where none could be read.</summary>
internal sealed record StatusReport(
    JsonElement? Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErrorDocument? Error);
