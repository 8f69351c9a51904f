namespace PlexSync;

/// <summary>
/// A store in a folder. Each server and target has a folder with a lock and a JSON Lines file for each run; each pair of users has a file
/// of agreements.
/// </summary>
/// <remarks>
/// Reliable on local disks. The operating system holds the lock (<c>flock</c>, share modes) and releases it when the process ends, however
/// it ends; file systems without such locks, like some network shares, do not keep two machines apart. A run whose lock file is removed
/// stops with <see cref="PlexErrorKind.LeaseLost"/>. Folders and files are closed to other users of the machine; those that others own, or
/// can change, are refused (<see cref="PlexErrorKind.NotPrivate"/>). On Windows, the user's profile protects them.
/// </remarks>
/// <example>
/// <code>
/// var keeps = new WatchStateSynchronizer(new FileStore(folder));
/// foreach (SyncRun run in await keeps.ListRunsAsync())
/// {
///     Console.WriteLine($"{run.Number}: {run.Written} changes of {run.Target.Title}");
/// }
/// </code>
/// </example>
public sealed class FileStore : ISyncStore
{
    private const string Extension = ".jsonl";

    /// <summary>Longer than the last line of a finished run.</summary>
    private const int TailLength = 8 * 1024;

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly FinishedRuns _finished = new();

    /// <summary>The folder.</summary>
    public override string ToString() => _folder;

    /// <summary>A store in a folder.</summary>
    /// <param name="folder">The folder; created when the first run begins, for its owner alone.</param>
    /// <param name="timeProvider">The clock; the system's if null.</param>
    public FileStore(string folder, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        _folder = Path.GetFullPath(folder);
        _time = timeProvider ?? TimeProvider.System;
    }

    private string Pairs => Path.Combine(_folder, "pairs");

    private string Readings => Path.Combine(_folder, "readings");

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IRunLease>> BeginAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plans);
        var locks = new List<TargetLock>(plans.Count);
        var runs = new List<FileRun>(plans.Count);
        try
        {
            foreach (var plan in plans)
            {
                locks.Add(TargetLock.Take(_folder, FolderOf(plan.Server.MachineIdentifier, plan.Target.Id), plan.Target.Title));
            }

            var number = await RunNumbers.NextAsync(_folder, _time, FindLastNumber, cancellationToken).ConfigureAwait(false);
            var run = RunId.Create(_time, run => locks.Exists(target => File.Exists(PathOf(target.Folder, run))));
            for (var at = 0; at < plans.Count; at++)
            {
                runs.Add(await FileRun.BeginAsync(
                    locks[at], PathOf(locks[at].Folder, run), run, number, _time, plans[at], cancellationToken).ConfigureAwait(false));
            }

            return runs;
        }
        catch
        {
            runs.ForEach(static run => run.Discard());
            locks.ForEach(static target => target.Dispose());
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<IRunLease> ResumeAsync(SyncRun run, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var folder = FolderOf(run.Server.MachineIdentifier, run.Target.Id);
        var target = TargetLock.Take(_folder, folder, run.Target.Title);
        try
        {
            var path = PathOf(folder, run.Id);
            FileFailure.Guarded(path, () => OwnerOnly.CheckFile(_folder, path));
            var number = await RunNumbers.NextAsync(_folder, _time, FindLastNumber, cancellationToken).ConfigureAwait(false);
            return FileRun.Resume(target, path, run.Id, number, _time);
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SyncRun>> ListRunsAsync(
        MachineIdentifier? server = null, UserId? target = null, CancellationToken cancellationToken = default)
    {
        var runs = new List<SyncRun>();
        foreach (var path in FileFailure.Guarded(_folder, () => FilesOf(server, target)))
        {
            if (await SummarizeAsync(path, cancellationToken).ConfigureAwait(false) is { } run)
            {
                // A file that was moved here from another folder would be settled on the wrong user.
                runs.Add(
                    path == PathOf(FolderOf(run.Server.MachineIdentifier, run.Target.Id), run.Id) ? run : throw PlanFile.Unusable(path));
            }
        }

        // By number, since the clock may have been ahead during an earlier run. Runs without a number are sorted by date.
        return runs.OrderByDescending(static run => run.Number).ThenByDescending(static run => run.StartedAt).ToList();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlySet<RunMark>> ListMarksAsync(ServerUser target, CancellationToken cancellationToken = default)
    {
        var marks = new HashSet<RunMark>();
        foreach (var path in FileFailure.Guarded(_folder, () => FilesOf(target.Server, target.User)))
        {
            if (await ReadStageAsync(path, cancellationToken).ConfigureAwait(false) is var stage and not RunStage.NotBegun)
            {
                marks.Add(new RunMark(RunId.Parse(Path.GetFileNameWithoutExtension(path)), stage is RunStage.Finished));
            }
        }

        return marks;
    }

    /// <inheritdoc/>
    public async Task<SyncReport> ReadRunAsync(SyncRun run, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var path = PathOf(FolderOf(run.Server.MachineIdentifier, run.Target.Id), run.Id);
        FileFailure.Guarded(path, () => OwnerOnly.CheckFile(_folder, path));
        return (await LoadAsync(path, cancellationToken).ConfigureAwait(false))?.ToReport() ?? throw PlanFile.Unusable(path);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<UnkeptChange>> ReadUnkeptAsync(ServerUser target, CancellationToken cancellationToken = default)
    {
        var folder = FolderOf(target.Server, target.User);
        return Task.FromResult<IReadOnlyList<UnkeptChange>>(FileFailure.Guarded(folder, () => UnkeptFile.Read(_folder, folder)));
    }

    /// <inheritdoc/>
    public Task<Agreements?> ReadAgreementsAsync(ServerUser one, ServerUser other, CancellationToken cancellationToken = default) =>
        Task.FromResult(FileFailure.Guarded(Pairs, () => AgreementsFile.Read(_folder, Pairs, one, other)));

    /// <inheritdoc/>
    public async Task ChangeAgreementsAsync(Func<IAgreementsChange, Task> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        using var guard = await TargetLock.WaitAsync(_folder, Pairs, _time, cancellationToken).ConfigureAwait(false);
        await change(new AgreementsChange(_folder, Pairs)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<LastReading?> ReadLastReadingAsync(string question, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        return Task.FromResult(FileFailure.Guarded(Readings, () => ReadingFile.Read(_folder, Readings, question)));
    }

    /// <inheritdoc/>
    public Task WriteLastReadingAsync(LastReading reading, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reading);
        FileFailure.Guarded(Readings, () => ReadingFile.Write(_folder, Readings, reading));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IWatchLease> WatchAsync(string job, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(job);
        var folder = Path.Combine(_folder, "watches", Safe(job.ToLowerInvariant()));
        try
        {
            return Task.FromResult<IWatchLease>(new WatchLease(TargetLock.Take(_folder, folder, job), job));
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.RunInProgress)
        {
            throw new PlexException(PlexErrorKind.JobInProgress, $"Another process keeps the job '{job}' in step.", e)
            {
                Subject = job,
                Candidates = e.Candidates,
            };
        }
    }

    private static string PathOf(string folder, RunId run) => Path.Combine(folder, $"{run}{Extension}");

    private string FolderOf(MachineIdentifier server, UserId target) =>
        Path.Combine(_folder, $"server-{Safe($"{server}")}", $"user-{target}");

    /// <summary>Encodes an identifier with characters that a file system may treat specially: it can hold any.</summary>
    private static string Safe(string name) =>
        name.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
            ? name
            // Capitals are encoded too, since some disks ignore case; the X marks an encoded name.
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

    /// <summary>The largest number of a run in the files.</summary>
    private long FindLastNumber()
    {
        var last = 0L;
        foreach (var path in FilesOf(server: null, target: null))
        {
            if (TryReadEnds(path) is { First: { } first } && RunFile.TryReadNumber(first) is { } number and < long.MaxValue)
            {
                last = Math.Max(last, number);
            }
        }

        return last;
    }

    /// <summary>Reads only the first and the last line of a finished run; an unfinished one is read whole.</summary>
    private async Task<SyncRun?> SummarizeAsync(string path, CancellationToken cancellationToken)
    {
        var stamp = FileFailure.Guarded(path, () => FileStamp.Of(path));
        var run = _finished.Find(path, stamp) ?? await ReadSummaryAsync(path, cancellationToken).ConfigureAwait(false);
        if (run is { IsFinished: true })
        {
            _finished.Add(path, stamp, run);
        }

        return run;
    }

    private static async Task<SyncRun?> ReadSummaryAsync(string path, CancellationToken cancellationToken)
    {
        if (FileFailure.Guarded(path, () => TryReadEnds(path)) is not { First: { } first, Last: var last })
        {
            return null;
        }

        return RunFile.TrySummarize(path, first, last)
            ?? (await LoadAsync(path, cancellationToken).ConfigureAwait(false))?.ToRun();
    }

    /// <summary>The stage of a run; one that is gone counts as not begun.</summary>
    private async Task<RunStage> ReadStageAsync(string path, CancellationToken cancellationToken)
    {
        var stamp = FileFailure.Guarded(path, () => FileStamp.Of(path));
        if (_finished.Has(path, stamp))
        {
            return RunStage.Finished;
        }

        if (FileFailure.Guarded(path, () => TryReadEnds(path, withFirst: false)) is not { } ends)
        {
            return RunStage.NotBegun;
        }

        var stage = RunFile.TryReadStage(ends.Last) ?? await FindStageAsync(path, cancellationToken).ConfigureAwait(false);
        if (stage is RunStage.Finished)
        {
            _finished.Add(path, stamp);
        }

        return stage;
    }

    /// <summary>The stage of a run whose last line does not show it, being torn or longer than what was read of it.</summary>
    private static async Task<RunStage> FindStageAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await LoadAsync(path, cancellationToken).ConfigureAwait(false) switch
            {
                null => RunStage.NotBegun,
                { IsFinished: true } => RunStage.Finished,
                _ => RunStage.Begun,
            };
        }
        catch (PlexException)
        {
            // A damaged file counts as unfinished; reading the run reports the damage.
            return RunStage.Begun;
        }
    }

    /// <summary>Null if the file is gone: a run that wrote nothing deletes its own.</summary>
    /// <param name="path">The file.</param>
    /// <param name="withFirst">Whether the first line is wanted, too; it may be long.</param>
    private static (byte[]? First, byte[]? Last)? TryReadEnds(string path, bool withFirst = true)
    {
        try
        {
            return ReadEnds(path, withFirst);
        }
        catch (Exception e) when (HasVanished(e))
        {
            return null;
        }
    }

    private static (byte[]? First, byte[]? Last) ReadEnds(string path, bool withFirst)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        var start = Read(file, 0, withFirst ? TailLength : 0);
        start = !withFirst || start.AsSpan().Contains((byte)'\n') ? start : Read(file, 0, RunFile.LongestLine);
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

    private static async Task<RunLog?> LoadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await RunFile.LoadAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (HasVanished(e))
        {
            return null;
        }
        catch (Exception e) when (FileFailure.IsOfFiles(e))
        {
            throw FileFailure.Failed(path, e);
        }
    }
}
