using System.Text;

namespace PlexSync.Core.Tests.Servers;

/// <summary>Listings as they come from the network.</summary>
public sealed class ListingParserTests
{
    private const string Item = """{"ratingKey":"1","type":"movie","title":"Film"}""";

    [Theory]
    [InlineData("""{"MediaContainer":{"size":1,"Metadata":[{"Media":FILL,"ratingKey":"1","type":"movie","title":"Film"}]}}""")]
    [InlineData("""{"MediaContainer":{"Meta":FILL,"size":1,"Metadata":[{"ratingKey":"1","type":"movie","title":"Film"}]}}""")]
    public async Task What_comes_in_many_small_packets_is_not_read_anew_with_each(string form)
    {
        // Read anew with each of the 24,000 packets, it would be 150 GB.
        var fill = $"[{string.Join(',', Enumerable.Repeat("""{"a":1}""", 1_500_000))}]";

        Assert.Equal("Film", await ReadAsync(form.Replace("FILL", fill, StringComparison.Ordinal), packet: 500));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    public async Task Byte_order_mark_is_passed_over(int packet) =>
        Assert.Equal("Film", await ReadAsync($$"""{{'\uFEFF'}}{"MediaContainer":{"size":1,"Metadata":[{{Item}}]} }""", packet));

    private static async Task<string> ReadAsync(string json, int packet)
    {
        using var page = await ListingParser.ReadAsync(
            new Packets(Encoding.UTF8.GetBytes(json), packet), new ListingContent(MediaType.Movie, false),
            TestContext.Current.CancellationToken);
        return page![0].Title.ToString();
    }

    /// <summary>A body that comes a few bytes at a time.</summary>
    private sealed class Packets(byte[] data, int size) : MemoryStream(data)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
