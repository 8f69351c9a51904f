using System.Text;

namespace PlexSync.EndToEnd.Tests.Simulated;

/// <summary>What tests put into an answer is there byte for byte, and all else in it stays as it was (plex-facts §14.4).</summary>
public sealed class SpoiledAnswerTests
{
    private const string Listing = "/library/sections/1/all?type=1";

    [Theory]
    [InlineData(Listing, "3", "year", "\"year\":2003", "\"1997-98\"")]
    [InlineData(Listing, "2", "viewCount", "\"viewCount\":1", "18446744073709551615")]
    [InlineData(Listing, "3", "Media", null, "{\"id\":[]}")]
    [InlineData("/library/metadata/2,3,4", "3", "title", "\"title\":\"Movie 3\"", "[\"Movie\",3]")]
    public async Task Field_of_an_item_has_the_value_it_was_given(string path, string row, string field, string? before, string value)
    {
        await using var client = await RawClient.StartAsync();
        var whole = (await client.AskServerAsync(path, size: 20)).Body;
        client.Plex.Faults.On(path.Split('?')[0]).Field(row, field, value);

        var spoiled = (await client.AskServerAsync(path, size: 20)).Body;

        var start = whole.IndexOf($"\"ratingKey\":\"{row}\"", StringComparison.Ordinal);
        before ??= OfRow(whole, start, field);
        var at = whole.IndexOf(before, start, StringComparison.Ordinal);
        Assert.Equal($"{whole[..at]}\"{field}\":{value}{whole[(at + before.Length)..]}", spoiled);
    }

    [Fact]
    public async Task Field_that_a_row_does_not_have_is_added()
    {
        await using var client = await RawClient.StartAsync();
        var whole = (await client.AskServerAsync("/library/metadata/3", client.Server.TokenOf(client.Kid))).Body;
        client.Plex.Faults.On("/library/metadata/3").Field("3", "viewCount", "-1");

        var spoiled = (await client.AskServerAsync("/library/metadata/3", client.Server.TokenOf(client.Kid))).Body;

        Assert.Equal(whole.Replace("{\"ratingKey\":\"3\"", "{\"viewCount\":-1,\"ratingKey\":\"3\"", StringComparison.Ordinal), spoiled);
    }

    [Theory]
    [InlineData("/api/v2/home/users", "1002", "title", "\"Kid\"", "\"Kid \\u200e\"")]
    [InlineData("/api/v2/home/users", "1003", "protected", "true", "{}")]
    [InlineData("/api/v2/resources", "player-1", "owned", "true", "null")]
    public async Task Field_of_a_user_or_a_device_has_the_value_it_was_given(
        string path, string row, string field, string before, string value)
    {
        await using var client = await RawClient.StartAsync();
        var whole = (await client.AskAccountAsync(path)).Body;
        client.Plex.Faults.On(path).Field(row, field, value);

        var spoiled = (await client.AskAccountAsync(path)).Body;

        var at = whole.IndexOf($"\"{field}\":{before}", whole.IndexOf(row, StringComparison.Ordinal), StringComparison.Ordinal)
            + field.Length + 3;
        Assert.Equal($"{whole[..at]}{value}{whole[(at + before.Length)..]}", spoiled);
    }

    [Fact]
    public async Task Several_fields_can_be_spoiled_though_the_answer_is_no_json_afterwards()
    {
        await using var client = await RawClient.StartAsync();
        client.Plex.Faults.On("/library/metadata/*").Field("3", "year", "NaN")
            .Field("4", "title", [(byte)'"', (byte)'x', 0xC3, 1, (byte)'"']);
        client.Plex.Faults.On("/library/metadata/*").Field("4", "year", "Infinity");

        var bytes = (await client.AskServerAsync("/library/metadata/3,4")).Bytes;

        Assert.True(bytes.AsSpan().IndexOf("\"year\":NaN"u8) > 0);
        Assert.True(bytes.AsSpan().IndexOf("\"year\":Infinity"u8) > 0);
        Assert.True(bytes.AsSpan().IndexOf((byte[])[.. "\"title\":\"x"u8, 0xC3, 1, (byte)'"']) > 0);
    }

    [Fact]
    public async Task Bytes_take_the_place_of_a_text_in_xml_too()
    {
        await using var client = await RawClient.StartAsync();
        var whole = (await client.AskAccountAsync("/api/users")).Bytes;
        client.Plex.Faults.On("/api/users").Replace("title=\"Friend\"", [.. "title=\"Fri"u8, 0xC3, 0x1F, (byte)'"']);

        var spoiled = (await client.AskAccountAsync("/api/users")).Bytes;

        var at = whole.AsSpan().IndexOf(Encoding.UTF8.GetBytes("title=\"Friend\""));
        byte[] expected = [.. whole[..at], .. "title=\"Fri"u8, 0xC3, 0x1F, (byte)'"', .. whole[(at + 14)..]];
        Assert.Equal(expected, spoiled);
    }

    [Fact]
    public async Task Answer_without_the_row_stays_as_it_is()
    {
        await using var client = await RawClient.StartAsync();
        var whole = (await client.AskServerAsync("/library/metadata/4")).Bytes;
        client.Plex.Faults.On("/library/metadata/*").Field("3", "title", "{}");

        Assert.Equal(whole, (await client.AskServerAsync("/library/metadata/4")).Bytes);
    }

    private static string OfRow(string body, int start, string field)
    {
        var from = body.IndexOf($"\"{field}\":[", start, StringComparison.Ordinal);
        var depth = 0;
        for (var at = from; ; at++)
        {
            depth += body[at] switch { '[' => 1, ']' => -1, _ => 0 };
            if (depth == 0 && body[at] == ']') return body[from..(at + 1)];
        }
    }
}
