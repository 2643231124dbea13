using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using PocketSam.Server.Api;
using PocketSam.Server.Security;

namespace PocketSam.Server.OpenApi;

/// <summary>The OpenAPI document of the service's own endpoints, without the host's.</summary>
internal static class ApiDescription
{
    private const string DocumentName = "pocketsam";
    private const string KeyScheme = "key";

    /// <summary>Registers the services that describe the endpoints.</summary>
    public static void AddPocketSamDescription(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Add(ApiJson.Default));
        services.AddOpenApi(DocumentName, options =>
        {
            options.ShouldInclude = endpoint => AccessOf(endpoint.ActionDescriptor.EndpointMetadata) is not null;
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "PocketSam",
                    Version = "v1",
                    Description = "Point at a thing in a picture, get its mask. Coordinates are pixels of the upright picture.",
                };
                document.Servers = [];
                document.Tags = null;
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
                {
                    [KeyScheme] = new OpenApiSecurityScheme
                    {
                        Type = SecuritySchemeType.ApiKey,
                        In = ParameterLocation.Header,
                        Name = ApiKeyMiddleware.KeyHeader,
                        Description = "Asked for where the service was given a key.",
                    },
                };
                return Task.CompletedTask;
            });
            options.AddOperationTransformer((operation, context, _) =>
            {
                Access access = AccessOf(context.Description.ActionDescriptor.EndpointMetadata)!;
                operation.OperationId = access.Operation;
                operation.Tags = null;
                operation.RequestBody?.Content?.Remove(MediaTypes.Any);
                if (access.Kind == AccessKind.Api)
                {
                    var key = new OpenApiSecuritySchemeReference(KeyScheme, context.Document);
                    operation.Security = [new OpenApiSecurityRequirement { [key] = [] }];
                }

                if (access.Operation == Operations.Upload)
                {
                    (operation.Parameters ??= []).Add(new OpenApiParameter
                    {
                        Name = "name",
                        In = ParameterLocation.Query,
                        Description = "What exports call the picture.",
                        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                    });
                }

                return Task.CompletedTask;
            });
            options.AddSchemaTransformer((schema, context, _) =>
            {
                if (context.JsonTypeInfo.Type == typeof(Rle))
                    DescribeRle(schema);
                return Task.CompletedTask;
            });
        });
    }

    /// <summary>Writes the document.</summary>
    public static async Task WriteAsync(HttpContext context)
    {
        var provider = context.RequestServices.GetRequiredKeyedService<IOpenApiDocumentProvider>(DocumentName);
        OpenApiDocument document = await provider.GetOpenApiDocumentAsync(context.RequestAborted);
        context.Response.ContentType = MediaTypes.Json;
        using var buffer = new MemoryStream();
        await document.SerializeAsJsonAsync(buffer, OpenApiSpecVersion.OpenApi3_1, context.RequestAborted);
        context.Response.ContentLength = buffer.Length;
        await context.Response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), context.RequestAborted);
    }

    /// <summary>Declares that an endpoint answers with a problem for these statuses.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (int status in statuses)
            endpoint.Produces<ProblemDocument>(status, MediaTypes.Problem);
        return endpoint;
    }

    private static Access? AccessOf(IList<object> metadata) => metadata.OfType<Access>().FirstOrDefault();

    private static void DescribeRle(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Object;
        schema.Description = "COCO's run-length encoding of a mask.";
        schema.Required = new HashSet<string> { "size", "counts" };
        schema.Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["size"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Description = "Height and width of the picture.",
                Items = new OpenApiSchema { Type = JsonSchemaType.Integer },
                MinItems = 2,
                MaxItems = 2,
            },
            ["counts"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String, Description = "The runs, compressed as pycocotools does.",
            },
        };
    }
}
