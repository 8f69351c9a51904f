namespace PlexSync;

/// <summary>
/// Writes the journal file of a run: first the plan, flushed to the disk; then a line for each announcement and outcome, handed to the
/// operating system at once.
/// </summary>
internal sealed class FileRun : IRunLease
{
    private readonly TargetLock _target;
    private readonly FileStream _file;
    private readonly TimeProvider _time;

    /// <summary>When the killed process last wrote to the file; null for a new run.</summary>
    private readonly DateTime? _stoppedAt;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly JsonLines _line = new();
    private PlexException? _failure;

    private FileRun(TargetLock target, FileStream file, RunId run, long number, TimeProvider time, DateTime? stoppedAt = null)
    {
        _target = target;
        _file = file;
        _time = time;
        _stoppedAt = stoppedAt;
        Run = run;
        Number = number;
    }

    public RunId Run { get; }

    public long Number { get; }

    public static async Task<FileRun> BeginAsync(
        TargetLock target, string path, RunId run, long number, TimeProvider time, SyncPlan plan, CancellationToken cancellationToken)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, OwnerOnly.With(
                new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete, BufferSize = 0 }));
            var lines = new BufferedStream(file, 64 * 1024);
            var line = new JsonLines();
            Write(lines, line, new WireJournalLine { Run = HeaderOf(run, number, time.GetUtcNow(), plan) });
            foreach (var change in plan.Changes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Write(lines, line, new WireJournalLine { Change = PlanMapping.ToWire(change) });
            }

            Write(lines, line, new WireJournalLine { Ready = plan.Changes.Count });
            await lines.FlushAsync(cancellationToken).ConfigureAwait(false);
            // Everything above reaches the disk before the first write reaches the server.
            file.Flush(flushToDisk: true);
            return new FileRun(target, file, run, number, time);
        }
        catch (Exception e)
        {
            Discard(file, path);
            if (FileFailure.IsOfFiles(e))
            {
                throw FileFailure.Failed(path, e);
            }

            throw;
        }
    }

    public static FileRun Resume(
        TargetLock target, string path, RunId run, long number, TimeProvider time) => FileFailure.Guarded(path, () =>
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0);
        try
        {
            var stoppedAt = File.GetLastWriteTimeUtc(file.SafeFileHandle);
            // A last line that was torn when the process ended counts as not recorded.
            file.SetLength(EndOfLastLine(file));
            file.Seek(0, SeekOrigin.End);
            // Keeps the time of the killed process's last write: it tells until when the run can have written.
            File.SetLastWriteTimeUtc(file.SafeFileHandle, stoppedAt);
            return new FileRun(target, file, run, number, time, stoppedAt);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    });

    public async ValueTask AnnounceAsync(PlannedChange change, DateTimeOffset? serverTime, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        await AppendAsync(
            new WireJournalLine { Sending = $"{change.Item.RatingKey}", At = serverTime?.UtcDateTime, Rating = IsRating(change) },
            cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>A lock has no end of its own.</summary>
    public void RequireFor(TimeSpan duration) => RequireLease();

    public async ValueTask RecordAsync(ChangeResult result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        await AppendAsync(
            new WireJournalLine
            {
                Outcome = new WireOutcome
                {
                    RatingKey = $"{result.Change.Item.RatingKey}",
                    Rating = IsRating(result.Change),
                    Outcome = Words.ToWord(result.Outcome),
                    Reason = result.SkipReason is { } reason ? Words.ToWord(reason) : null,
                    Error = PlanMapping.ToWire(result.Error),
                    Left = result.StateAfterRun is { } left ? PlanMapping.ToWireLeft(left, result.Change.IsRating) : null,
                },
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async Task CompleteAsync(SyncReport report, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(report);
        RequireLease();
        FileFailure.Guarded(_target.Folder, () => UnkeptFile.Update(_target.Root, _target.Folder, report, _time.GetUtcNow()));
        var written = report.CountWritten();
        if (written == 0)
        {
            // There is nothing to undo and nothing to settle.
            Discard();
            return;
        }

        await AppendAsync(
            new WireJournalLine
            {
                End = new WireEnd
                {
                    Outcomes = PlanMapping.ToWords(report.CountAll()),
                    Written = written,
                    EndedAt = _stoppedAt ?? _time.GetUtcNow().UtcDateTime,
                    Verified = report.Verified,
                    Error = PlanMapping.ToWire(report.Error),
                },
            },
            cancellationToken).ConfigureAwait(false);
        FileFailure.Guarded(_file.Name, () => _file.Flush(flushToDisk: true));
    }

    /// <summary>Closes and deletes the file of a run that has written nothing to the server.</summary>
    public void Discard() => Discard(_file, _file.Name);

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync().ConfigureAwait(false);
        _target.Dispose();
        _writing.Dispose();
    }

    private static bool? IsRating(PlannedChange change) => change.IsRating ? true : null;

    private static WireRun HeaderOf(RunId run, long number, DateTimeOffset startedAt, SyncPlan plan) => PlanMapping.WithHeader(
        new WireRun
        {
            Format = RunFile.Format,
            Version = RunFile.Version,
            Run = $"{run}",
            Order = number,
            StartedAt = startedAt.UtcDateTime,
            PlannedAt = plan.CreatedAt.UtcDateTime,
            Changes = plan.Changes.Count,
        },
        plan);

    private async Task AppendAsync(WireJournalLine line, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_failure is null)
            {
                RequireLease();
                Write(_file, _line, line);
            }
        }
        catch (Exception e) when (FileFailure.IsOfFiles(e))
        {
            // A part of the line may be in the file. Only the last line of a file may be torn, so nothing is added after it.
            _failure = FileFailure.Failed(_file.Name, e);
        }
        finally
        {
            _writing.Release();
        }

        if (_failure is { } failure)
        {
            throw failure;
        }
    }

    private void RequireLease()
    {
        if (_target.IsLost())
        {
            throw new PlexException(
                PlexErrorKind.LeaseLost, $"The lock on '{_target.Folder}' was removed or replaced: another run may be writing there.")
            {
                Subject = _target.Folder,
            };
        }
    }

    private static void Write(Stream stream, JsonLines buffer, WireJournalLine line)
    {
        buffer.Clear();
        buffer.Add(line, FileJsonContext.Compact.WireJournalLine);
        stream.Write(buffer.Bytes.Span);
    }

    private static long EndOfLastLine(FileStream file)
    {
        for (var end = file.Length; end > 0; end--)
        {
            file.Position = end - 1;
            if (file.ReadByte() == '\n')
            {
                return end;
            }
        }

        return 0;
    }

    private static void Discard(FileStream? file, string path)
    {
        if (file is null)
        {
            return;
        }

        file.Dispose();
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (FileFailure.IsOfFiles(e))
        {
            // Best effort: a file whose plan is incomplete counts as not begun, and any other is settled by the next run.
        }
    }
}
