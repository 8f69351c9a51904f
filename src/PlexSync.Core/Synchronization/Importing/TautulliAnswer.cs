using System.Text.Json;

namespace PlexSync;

/// <summary>Reads answers of Tautulli's <c>get_history</c>: their rows go into the fold as they come.</summary>
internal sealed class TautulliAnswer(TautulliFold fold) : JsonRows("data")
{
    private const int LongestMessage = 300;

    private bool _isSuccess;
    private bool _isError;
    private string _message = "";

    /// <summary>What Tautulli says is wrong; null if nothing is.</summary>
    public string? Failure => _isError ? _message : null;

    /// <summary>How many rows there are in all, as the last answer says; null where it does not.</summary>
    public long? Total { get; private set; }

    /// <summary>How many rows were read.</summary>
    public long Rows { get; private set; }

    /// <summary>Whether it is an answer of Tautulli at all.</summary>
    public bool IsTautullis => Failure is not null || (_isSuccess && HasRows);

    /// <exception cref="JsonException">It is not JSON, or cut.</exception>
    public Task ReadAsync(Stream input, CancellationToken cancellationToken) => ReadRowsAsync(input, cancellationToken);

    protected override void OnRow(ReadOnlySpan<byte> row)
    {
        Rows++;
        fold.Add(row);
    }

    protected override void OnField(string name, ref Utf8JsonReader reader)
    {
        switch (name)
        {
            case "result":
                var result = TolerantStringConverter.ReadText(ref reader);
                _isSuccess |= result == "success";
                _isError |= result == "error";
                break;
            case "message" when TolerantStringConverter.ReadText(ref reader) is { Length: > 0 } message:
                _message = WireText.Mend(message.Length > LongestMessage ? message[..LongestMessage] : message);
                break;
            case "recordsFiltered":
                Total = TolerantInt64Converter.Read(ref reader, damaged: null);
                break;
        }
    }
}
