namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>A process ends at one of the points that it passes: from then on it sends nothing and records nothing.</summary>
/// <param name="point">Which of them, counted from the moment at which it is armed.</param>
internal sealed class Kill(int point)
{
    private int _passed;

    public bool IsArmed { get; set; }

    public bool IsDead { get; private set; }

    public void Pass()
    {
        if (IsArmed && (IsDead || _passed++ == point))
        {
            IsDead = true;
            throw new IOException("The process is no more.");
        }
    }
}

/// <summary>Passes a point before each write and after it.</summary>
internal sealed class Killable(Kill kill) : DelegatingHandler(PlexClient.CreateHttpHandler())
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.RequestUri!.AbsolutePath.StartsWith("/:/", StringComparison.Ordinal))
        {
            return kill.IsDead ? throw new IOException("The process is no more.") : await base.SendAsync(request, cancellationToken);
        }

        kill.Pass();
        var response = await base.SendAsync(request, cancellationToken);
        kill.Pass();
        return response;
    }
}

/// <summary>Passes a point before each record.</summary>
internal sealed class KillableStore(ISyncStore inner, Kill kill) : WrappedStore(inner)
{
    protected override void OnRecording(bool isLast) => kill.Pass();
}
