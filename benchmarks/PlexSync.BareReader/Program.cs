// What reading JSON costs at the least: passes over every token of a file of JSON documents, from memory, and keeps nothing.
//   PlexSync.BareReader FILE [PASSES]
// Prints the processor time of each pass in milliseconds; the first one warms up and is not among them.
using System.Globalization;
using System.Text.Json;

var bytes = File.ReadAllBytes(args[0]);
var passes = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5;
Read(bytes);
for (var pass = 0; pass < passes; pass++)
{
    var before = Environment.CpuUsage.TotalTime;
    Read(bytes);
    Console.WriteLine((Environment.CpuUsage.TotalTime - before).TotalMilliseconds.ToString("0.000", CultureInfo.InvariantCulture));
}

static void Read(ReadOnlySpan<byte> bytes)
{
    var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { AllowMultipleValues = true });
    while (reader.Read())
    {
    }
}
