using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Finds the best address of a server that answers: all of them are asked at once, and the first in the list counts.</summary>
internal sealed partial class AddressSearch(ServerResource resource, PlexTransport transport, TimeProvider time, ILogger logger)
{
    /// <summary>How long one of several addresses of a server may take to identify itself.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    private Uri? _stranger;
    private PlexException? _answered;
    private bool _isLikely;
    private bool _isSilent;

    /// <param name="last">
    /// The address that answered the last time. It need not wait for those of its kind that stand before it in the list.
    /// </param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async Task<Uri> FindAsync(EarlyIdentity? last, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        last = last is { Machine.IsFresh: true } && IsAmongTheBest(last.Address) ? last : null;
        if (Leads(last))
        {
            return last!.Address;
        }

        var probes = resource.Addresses.Select(address => new Probe(address, ProbeAsync(address, last, enough.Token))).ToList();
        try
        {
            foreach (var (address, answer) in probes)
            {
                if (last is not null)
                {
                    await ((Task)Task.WhenAny(answer, last.Machine.Answer)).ConfigureAwait(false);
                    if (Leads(last))
                    {
                        return last.Address;
                    }
                }

                var (found, failure) = await answer.ConfigureAwait(false);
                if (found == resource.MachineIdentifier)
                {
                    return address;
                }

                Note(address, found, failure);
            }
        }
        finally
        {
            await enough.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(probes.Select(static probe => probe.Answer))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw Failure();
    }

    /// <summary>The address is listed, and none before it is local where it is not, or encrypted where it is not.</summary>
    private bool IsAmongTheBest(Uri last) => resource.Addresses.Contains(last)
        && resource.Addresses.TakeWhile(address => address != last).All(address => KindOf(address) == KindOf(last));

    private (bool, bool, string) KindOf(Uri address) =>
        (resource.LocalAddresses.Contains(address), resource.RelayAddresses.Contains(address), address.Scheme);

    private bool Leads(EarlyIdentity? last) => last?.Machine.Answer is { IsCompletedSuccessfully: true } answer
        && answer.Result == resource.MachineIdentifier;

    /// <summary>Keeps what an address that does not lead to the server tells of why.</summary>
    private void Note(Uri address, MachineIdentifier? found, PlexException? failure)
    {
        _stranger ??= found is null ? null : address;
        if (failure is { Status: not null } or { Kind: PlexErrorKind.NotPlex } or { IsOfTls: true })
        {
            _answered ??= failure;
            // Best first: in the server's own network, what answers is most likely the server, or stands in front of it.
            _isLikely |= resource.LocalAddresses.Contains(address);
        }
        else if (found is null)
        {
            _isSilent = true;
        }
    }

    private PlexException Failure()
    {
        if (_stranger is not null)
        {
            return new PlexException(
                PlexErrorKind.WrongServer, $"'{resource.Name}' was expected at {_stranger.Authority}, but another server answers there.")
            {
                Subject = resource.Name,
                Candidates = [_stranger.Authority],
            };
        }

        if (_answered is not null && (_isLikely || !_isSilent))
        {
            // A gateway, a server that is starting or a refused certificate says more than "cannot be reached".
            return _answered;
        }

        return new PlexException(PlexErrorKind.Unreachable, $"'{resource.Name}' cannot be reached at any address plex.tv lists for it.")
        {
            Subject = resource.Name,
            Candidates = resource.Addresses.Select(static address => address.GetLeftPart(UriPartial.Authority)).ToList(),
        };
    }

    /// <summary>Who answers at an address, or what went wrong; neither if time ran out.</summary>
    private async Task<(MachineIdentifier? Machine, PlexException? Failure)> ProbeAsync(
        Uri address, EarlyIdentity? last, CancellationToken cancellationToken)
    {
        using var expiry = new CancellationTokenSource(ProbeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        try
        {
            var early = address == last?.Address ? last.Machine : null;
            return (await (early?.GetAsync(AskAsync, either.Token) ?? AskAsync()).ConfigureAwait(false), null);
        }
        catch (Exception e) when (e is PlexException or OperationCanceledException)
        {
            Log.AddressFailed(logger, address.Authority, resource.Name, e.Message);
            return (null, e as PlexException);
        }

        Task<MachineIdentifier> AskAsync() => ServerIdentity.IdentifyAsync(transport, address, retry: false, either.Token);
    }

    /// <summary>One of several addresses being tried.</summary>
    private sealed record Probe(Uri Address, Task<(MachineIdentifier? Machine, PlexException? Failure)> Answer);

    private static partial class Log
    {
        [LoggerMessage(1101, LogLevel.Debug, "{Address} does not lead to '{Server}': {Reason}")]
        public static partial void AddressFailed(ILogger logger, string address, string server, string reason);
    }
}
