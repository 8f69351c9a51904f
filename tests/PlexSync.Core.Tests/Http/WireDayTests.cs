using System.Text;
using System.Text.Json;

namespace PlexSync.Core.Tests.Http;

public sealed class WireDayTests
{
    [Theory]
    [InlineData("\"2010-08-04\"", "2010-08-04")]
    [InlineData("\"2024-02-29\"", "2024-02-29")]
    [InlineData("\"2023-02-29\"", null)]
    [InlineData("\"2010-13-01\"", null)]
    [InlineData("\"2010-00-01\"", null)]
    [InlineData("\"0000-01-01\"", null)]
    [InlineData("\"+199-01-01\"", null)]
    [InlineData("\"2010-+1-01\"", null)]
    [InlineData("\"2010/08/04\"", null)]
    [InlineData("\"2010-08-04T\"", null)]
    [InlineData("\"2010-08-\\u0031\"", null)]
    [InlineData("1234567890", null)]
    [InlineData("[]", null)]
    [InlineData("null", null)]
    public void Day_is_read_or_absent(string json, string? expected)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();

        Assert.Equal(expected, WireDay.Read(ref reader)?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
    }
}
