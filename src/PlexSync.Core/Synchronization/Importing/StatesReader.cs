using System.Text.Json;

namespace PlexSync;

/// <summary>Reads the neutral document of states (docs/import.md).</summary>
internal sealed class StatesReader : JsonRows
{
    public const string Format = "plexsync-states";
    public const int Version = 1;

    private readonly string _name;
    private readonly EntryList _entries = new();
    private readonly WireFormat _format = new();

    private StatesReader(Stream input)
        : base("items") => _name = (input as FileStream)?.Name ?? "the document";

    public static async Task<ImportedStates> ReadAsync(Stream input, CancellationToken cancellationToken)
    {
        var reader = new StatesReader(input);
        try
        {
            await reader.ReadRowsAsync(input, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            throw PlanFile.Unusable(reader._name, e);
        }

        return reader.HasRows ? reader._entries.ToStates() : throw PlanFile.Unusable(reader._name);
    }

    /// <summary>What a newer version means by an entry is not known: the format has to come before the list.</summary>
    protected override void OnList() => PlanFile.Require(_format, Format, Version, _name);

    protected override void OnField(string name, ref Utf8JsonReader reader)
    {
        switch (name)
        {
            case "format":
                _format.Format ??= TolerantStringConverter.ReadText(ref reader);
                break;
            case "version":
                _format.Version ??= TolerantInt64Converter.Read(ref reader, damaged: null);
                break;
        }
    }

    protected override void OnRow(ReadOnlySpan<byte> row)
    {
        WireImport? wire = null;
        try
        {
            wire = JsonSerializer.Deserialize(row, ImportJsonContext.Default.WireImport);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // One entry that is no object costs no other.
        }

        if (wire is null)
        {
            _entries.Reject(null, UnusableReason.Damaged);
        }
        else if (wire.Type is not ("movie" or "episode"))
        {
            _entries.Leave(wire.Title, wire.Type);
        }
        else
        {
            _entries.Add(wire.ToState());
        }
    }
}
