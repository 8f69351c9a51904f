namespace PlexSync;

/// <summary>
/// A journal in a folder: a file of JSON lines for each run and target, one folder per server and target, one lock in each.
/// </summary>
/// <remarks>
/// It also remembers, for each two users, what both had watched at the end of their last run (<see cref="SyncOptions.Unwatched"/>).
/// Reliable on local disks. The lock is the operating system's (<c>flock</c>, share modes), released when the process ends in whatever way;
/// file systems that do not support it, as some network shares, do not keep two machines apart. Folders and files are closed to other users
/// of the machine; what they own, or may change, is refused (<see cref="PlexErrorKind.NotPrivate"/>). On Windows the user's profile sees to
/// that.
/// </remarks>
public sealed class FileJournal : IJournal, IBaselineStore, IRunIndex
{
    internal const string Format = "plexsync-journal";
    internal const int Version = 1;

    private const string Extension = ".jsonl";

    /// <summary>More than the last line of a finished run needs.</summary>
    private const int TailLength = 8 * 1024;

    private readonly string _folder;
    private readonly TimeProvider _time;

    /// <summary>A journal in a folder.</summary>
    /// <param name="folder">The folder; made when the first run begins, for its owner alone.</param>
    /// <param name="timeProvider">The clock; the system's if null.</param>
    public FileJournal(string folder, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        _folder = Path.GetFullPath(folder);
        _time = timeProvider ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public async Task<IJournalRun> BeginAsync(RunId run, SyncPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var folder = FolderOf(plan.Server.MachineIdentifier, plan.Target.Id);
        var guard = TargetLock.Take(_folder, folder, plan.Target.Title);
        try
        {
            var order = await RunOrder.NextAsync(_folder, _time, FindLastOrder, cancellationToken).ConfigureAwait(false);
            return await FileJournalRun.BeginAsync(guard, PathOf(folder, run), run, order, _time, plan, cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            guard.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<IJournalRun> ResumeAsync(JournaledRun run, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var folder = FolderOf(run.Server.MachineIdentifier, run.Target.Id);
        var guard = TargetLock.Take(_folder, folder, run.Target.Title);
        try
        {
            var path = PathOf(folder, run.Id);
            Guarded(path, () => OwnerOnly.CheckFile(_folder, path));
            return Task.FromResult<IJournalRun>(FileJournalRun.Resume(guard, path, _time));
        }
        catch
        {
            guard.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JournaledRun>> ListAsync(
        MachineIdentifier? server = null, UserId? target = null, CancellationToken cancellationToken = default)
    {
        var runs = new List<JournaledRun>();
        foreach (var path in Guarded(_folder, () => FilesOf(server, target)))
        {
            if (await SummarizeAsync(path, cancellationToken).ConfigureAwait(false) is { } run)
            {
                // A file that was moved here from elsewhere would be settled on somebody else.
                runs.Add(
                    path == PathOf(FolderOf(run.Server.MachineIdentifier, run.Target.Id), run.Id) ? run : throw PlanFile.Unusable(path));
            }
        }

        // The clock of an earlier run may have been ahead: the order in which they began is what counts, where it was recorded.
        return runs.OrderByDescending(static run => run.Order).ThenByDescending(static run => run.StartedAt).ToList();
    }

    /// <inheritdoc/>
    public async Task<SyncReport> ReadAsync(JournaledRun run, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var path = PathOf(FolderOf(run.Server.MachineIdentifier, run.Target.Id), run.Id);
        Guarded(path, () => OwnerOnly.CheckFile(_folder, path));
        return (await LoadAsync(path, cancellationToken).ConfigureAwait(false))?.ToReport() ?? throw PlanFile.Unusable(path);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<PlannedChange>> GetRefusedAsync(
        MachineIdentifier server, UserId target, CancellationToken cancellationToken = default)
    {
        var folder = FolderOf(server, target);
        return Task.FromResult<IReadOnlyList<PlannedChange>>(Guarded(folder, () => RefusedFile.Read(_folder, folder, _time.GetUtcNow())));
    }

    HashSet<string> IRunIndex.ListNames(MachineIdentifier server, UserId target, RunId? own) => Guarded(_folder, () =>
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in FilesOf(server, target))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            if (name != own?.ToString() && TryReadEnds(path) is { } ends)
            {
                names.Add($"{name} {ends.Last is { } last && JournalReader.TryReadEnd(last) is not null}");
            }
        }

        return names;
    });

    bool IRunIndex.Has(MachineIdentifier server, UserId target, RunId run) => File.Exists(PathOf(FolderOf(server, target), run));

    Task<Baseline?> IBaselineStore.ReadBaselineAsync(BaselineSide one, BaselineSide other, CancellationToken cancellationToken) =>
        Task.FromResult(Guarded(Pairs, () => BaselineFile.Read(_folder, Pairs, one, other)));

    async Task<IBaselineChanges> IBaselineStore.ChangeAsync(CancellationToken cancellationToken) =>
        new BaselineChanges(_folder, Pairs, await TargetLock.WaitAsync(_folder, Pairs, _time, cancellationToken).ConfigureAwait(false));

    async Task IBaselineStore.ForgetAsync(BaselineSide side, IReadOnlySet<string> items, CancellationToken cancellationToken)
    {
        using var guard = await TargetLock.WaitAsync(_folder, Pairs, _time, cancellationToken).ConfigureAwait(false);
        Guarded(Pairs, () => BaselineFile.Forget(_folder, Pairs, side, items));
    }

    /// <summary>What the operating system says of files, as failures of the journal.</summary>
    internal static T Guarded<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            throw Failed(path, e);
        }
    }

    internal static void Guarded(string path, Action action) => Guarded(path, () =>
    {
        action();
        return true;
    });

    internal static bool IsOfFiles(Exception e) => e is IOException or UnauthorizedAccessException or NotSupportedException;

    internal static PlexException Failed(string path, Exception e) => e is NotPrivateException found
        ? new(PlexErrorKind.NotPrivate, found.Message, found)
        {
            Subject = found.Path,
            Candidates = found.Owner is { } owner ? [$"{owner}"] : [],
        }
        : new(PlexErrorKind.JournalFailed, $"The journal in '{path}' cannot be used: {e.Message}", e) { Subject = path };

    private string Pairs => Path.Combine(_folder, "pairs");

    private static string PathOf(string folder, RunId run) => Path.Combine(folder, $"{run}{Extension}");

    private string FolderOf(MachineIdentifier server, UserId target) =>
        Path.Combine(_folder, $"server-{Safe($"{server}")}", $"user-{target}");

    /// <summary>An identifier is opaque: what a file system could read something into is spelt out.</summary>
    private static string Safe(string name) =>
        name.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
            ? name
            // Upper-case, and marked: on some disks case makes no difference.
            : "X" + Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(name));

    private List<string> FilesOf(MachineIdentifier? server, UserId? target)
    {
        var servers = server is { } machine ? [Path.Combine(_folder, $"server-{Safe($"{machine}")}")] : Directories(_folder, "server-*");
        var folders = servers
            .SelectMany(folder => target is { } user ? [Path.Combine(folder, $"user-{user}")] : Directories(folder, "user-*"));
        var files = new List<string>();
        foreach (var folder in folders.Where(Directory.Exists))
        {
            OwnerOnly.CheckFolder(_folder, folder);
            foreach (var path in Directory.GetFiles(folder, $"*{Extension}").Where(IsRun))
            {
                OwnerOnly.CheckFile(_folder, path);
                files.Add(path);
            }
        }

        return files;

        static string[] Directories(string folder, string pattern) =>
            Directory.Exists(folder) ? Directory.GetDirectories(folder, pattern) : [];
    }

    private static bool IsRun(string path) => RunId.TryParse(Path.GetFileNameWithoutExtension(path), out _);

    private static bool HasVanished(Exception e) => e is FileNotFoundException or DirectoryNotFoundException;

    /// <summary>The number of the run that began last, as far as the files know.</summary>
    private long FindLastOrder()
    {
        var last = 0L;
        foreach (var path in FilesOf(server: null, target: null))
        {
            if (TryReadEnds(path) is { First: { } first } && JournalReader.TryReadOrder(first) is { } order)
            {
                last = Math.Max(last, order);
            }
        }

        return last;
    }

    /// <summary>The first and the last line tell all of a finished run; only one that did not finish is read whole.</summary>
    private static async Task<JournaledRun?> SummarizeAsync(string path, CancellationToken cancellationToken)
    {
        if (Guarded(path, () => TryReadEnds(path)) is not { First: { } first, Last: var last })
        {
            return null;
        }

        var header = JournalReader.ReadHeader(path, first);
        if (last is not null && JournalReader.TryReadEnd(last) is { } end)
        {
            return JournalReader.Summarize(header, path, end);
        }

        return (await LoadAsync(path, cancellationToken).ConfigureAwait(false))?.Summarize();
    }

    /// <summary>Null where the run has vanished since it was seen, as one does that ends without having written.</summary>
    private static (byte[]? First, byte[]? Last)? TryReadEnds(string path)
    {
        try
        {
            return ReadEnds(path);
        }
        catch (Exception e) when (HasVanished(e))
        {
            return null;
        }
    }

    private static (byte[]? First, byte[]? Last) ReadEnds(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        var start = Read(file, 0, TailLength);
        start = start.AsSpan().Contains((byte)'\n') ? start : Read(file, 0, JournalReader.LongestLine);
        var end = Read(file, Math.Max(0, file.Length - TailLength), TailLength);
        var firstBreak = Array.IndexOf(start, (byte)'\n');
        var lastBreak = end.Length > 1 && end[^1] == '\n' ? Array.LastIndexOf(end, (byte)'\n', end.Length - 2) : -1;
        return (firstBreak < 0 ? null : start[..firstBreak], lastBreak < 0 ? null : end[(lastBreak + 1)..^1]);

        static byte[] Read(FileStream file, long from, int count)
        {
            var bytes = new byte[Math.Min(count, Math.Max(0, file.Length - from))];
            file.Position = from;
            return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
    }

    private static async Task<JournalReader?> LoadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await JournalReader.LoadAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (HasVanished(e))
        {
            return null;
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            throw Failed(path, e);
        }
    }
}
