namespace PlexSync;

/// <summary>Stops reading a body that is longer than any honest server's, before it fills the memory.</summary>
/// <param name="inner">The body.</param>
/// <param name="maxLength">How many bytes it may have.</param>
/// <param name="onRead">Told whenever some of it has come.</param>
internal sealed class BoundedStream(Stream inner, long maxLength, Action? onRead = null) : Stream
{
    private long _read;

    /// <summary>The body was longer than it may be.</summary>
    public bool IsExceeded => _read > maxLength;

    /// <summary>Something else begins that may be as long.</summary>
    public void Restart() => _read = 0;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _read; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Count(int count)
    {
        onRead?.Invoke();
        return (_read += count) <= maxLength ? count
            : throw new System.Text.Json.JsonException($"The body is larger than {maxLength} bytes.");
    }
}
