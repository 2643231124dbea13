using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Labelling.Api;

/// <summary>The JSON types of requests, responses and events.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ProjectDocument))]
[JsonSerializable(typeof(PicturesDocument))]
[JsonSerializable(typeof(PictureDetailDocument))]
[JsonSerializable(typeof(NextDocument))]
[JsonSerializable(typeof(EmbeddedDocument))]
[JsonSerializable(typeof(ChangesRequest))]
[JsonSerializable(typeof(UndoRequest))]
[JsonSerializable(typeof(ChangesDocument))]
[JsonSerializable(typeof(HistoryDocument))]
[JsonSerializable(typeof(ClassRequest))]
[JsonSerializable(typeof(ClassDocument))]
[JsonSerializable(typeof(PresenceDocument))]
[JsonSerializable(typeof(ProposalsDocument))]
[JsonSerializable(typeof(JobsDocument))]
[JsonSerializable(typeof(JobDocument))]
[JsonSerializable(typeof(SimilarRequest))]
[JsonSerializable(typeof(WordsRequest))]
[JsonSerializable(typeof(SearchResult))]
[JsonSerializable(typeof(ImproveRequest))]
[JsonSerializable(typeof(ImproveResult))]
[JsonSerializable(typeof(ModelDocument))]
[JsonSerializable(typeof(ClassifyResult))]
[JsonSerializable(typeof(ImportDocument))]
[JsonSerializable(typeof(EventDocument))]
[JsonSerializable(typeof(IReadOnlyList<ObjectDocument>))]
[JsonSerializable(typeof(Dictionary<string, long>))]
internal sealed partial class LabelJson : JsonSerializerContext
{
    /// <summary>Options that do not escape characters for HTML, which compressed run lengths are full of.</summary>
    public static LabelJson Types => Relaxed.Types;

    /// <summary>Initialised on first use, after the static members of the generated class.</summary>
    private static class Relaxed
    {
        public static readonly LabelJson Types = new(new JsonSerializerOptions(Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
    }
}
