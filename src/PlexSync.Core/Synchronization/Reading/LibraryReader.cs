using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Reads a library whole, a second time if the first listing is doubtful, or not at all.</summary>
internal sealed partial class LibraryReader(ILogger logger, IProgress<SyncProgress>? progress)
{
    private const int ReportEvery = 1000;

    /// <summary>
    /// Streams the library into what <paramref name="start"/> makes; a doubtful listing is dropped with it and read once more.
    /// </summary>
    public async Task<T> ReadAsync<T>(
        PlexServer server, Library library, bool withIds, Predicate<RatingKey>? isListed, Func<T> start, Action<T, MediaItem> add,
        CancellationToken cancellationToken)
    {
        using var phase = PhaseScope.Begin("read", server.Time);
        phase.Tag("user.id", server.User.Id.Value);
        phase.Tag("plexsync.library", SyncDiagnostics.NumberOf(library.Key));
        for (var isLast = false; ; isLast = true)
        {
            try
            {
                var result = start();
                var user = UserReference.To(server.User);
                var (count, damaged) = (0, 0);
                int? total = null;
                Report();
                await foreach (var item in
                    server.GetItemsAsync(library, withIds, isListed, Expect, cancellationToken).ConfigureAwait(false))
                {
                    add(result, item);
                    damaged += item.IsStateDamaged ? 1 : 0;
                    if (++count % ReportEvery == 0)
                    {
                        Report();
                    }
                }

                total = count;
                Report();
                phase.Tag("plexsync.items", count);
                return result;

                void Expect(int items)
                {
                    total = items;
                    Report();
                }

                void Report() => progress?.Report(new SyncProgress(SyncPhase.Reading, user, library, count, total)
                {
                    Server = server.MachineIdentifier,
                    Damaged = damaged,
                });
            }
            catch (PlexException e) when (
                !isLast && !e.IsFinal && e.Kind is (PlexErrorKind.IncompleteListing or PlexErrorKind.InvalidResponse))
            {
                Log.Again(logger, library.Title, server.User.Title, e.Message);
            }
            catch (Exception e)
            {
                phase.Fail(e);
                throw;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3000, LogLevel.Warning, "Reading '{Library}' of '{User}' once more: {Reason}")]
        public static partial void Again(ILogger logger, string library, string user, string reason);
    }
}
