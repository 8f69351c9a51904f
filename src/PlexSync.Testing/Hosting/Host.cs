namespace PlexSync.Testing.Hosting;

/// <summary>Something with an address of its own. Answering is synchronous and may happen after the connection is gone.</summary>
internal abstract class Host
{
    public const string PlexTv = "plex.tv";

    public abstract string Role { get; }

    public abstract long? UserOf(SimulatedRequest request);

    /// <summary>Takes the time that the request takes here.</summary>
    public virtual Task WorkAsync(SimulatedRequest request, CancellationToken cancellationToken) => Task.CompletedTask;

    public abstract Answer Answer(SimulatedRequest request);

    /// <summary>The answer with what the faults put into it.</summary>
    protected static Answer Spoil(Answer answer, SimulatedRequest request)
    {
        if (request is { RawFields.Count: 0, ChangeBody: null }) return answer;
        var isJson = answer.ContentType.StartsWith("application/json", StringComparison.Ordinal);
        var body = isJson ? RawFields.Put(answer.Body, request.RawFields) : answer.Body;
        if (request.ChangeBody is { } change) body = change(body.ToArray());
        var spoiled = new Answer { Status = answer.Status, ContentType = answer.ContentType, Body = body };
        spoiled.Headers.AddRange(answer.Headers);
        return spoiled;
    }
}
