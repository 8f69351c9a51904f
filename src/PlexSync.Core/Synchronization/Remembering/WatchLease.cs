namespace PlexSync;

/// <summary>A job that this process has, by the lock in a folder.</summary>
internal sealed class WatchLease(TargetLock guard, string job) : IWatchLease
{
    public ValueTask RequireAsync(CancellationToken cancellationToken = default) =>
        FileFailure.Guarded(guard.Folder, guard.IsLost)
            ? throw new PlexException(
                PlexErrorKind.LeaseLost, $"The lock in '{guard.Folder}' was removed or replaced: another process may have the job '{job}'.")
            {
                Subject = guard.Folder,
            }
            : ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        guard.Dispose();
        return ValueTask.CompletedTask;
    }
}
