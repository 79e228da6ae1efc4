// A provider for `terraform validate` that knows the schema of Google's and does nothing else.
//
// The schema comes from the file that PROVIDER_SCHEMA names; terraform.py writes it.  Every configuration is good to
// this program: what is wrong with one Terraform itself finds, by the schema.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tfprotov5/tf5server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Attribute has its type in Terraform's own JSON: "string", ["list", "string"].
type Attribute struct {
	Type     json.RawMessage `json:"type"`
	Required bool            `json:"required"`
	Exported bool            `json:"exported"`
}

// Nested is a block within; Single ones may be there once.
type Nested struct {
	Required bool  `json:"required"`
	Single   bool  `json:"single"`
	Block    Block `json:"block"`
}

// Block has attributes and blocks by name.
type Block struct {
	Attributes map[string]Attribute `json:"attributes"`
	Blocks     map[string]Nested    `json:"blocks"`
}

// Schema has the blocks of resources and of data sources by type.
type Schema struct {
	Resources map[string]Block `json:"resources"`
	Data      map[string]Block `json:"data"`
}

type provider struct {
	tfprotov5.ProviderServer // what `terraform validate` never calls
	schema                   Schema
}

func main() {
	content, err := os.ReadFile(os.Getenv("PROVIDER_SCHEMA"))
	if err != nil {
		log.Fatal(err)
	}
	var schema Schema
	if err := json.Unmarshal(content, &schema); err != nil {
		log.Fatal(err)
	}
	serve := func() tfprotov5.ProviderServer { return provider{schema: schema} }
	if err := tf5server.Serve("registry.terraform.io/hashicorp/google", serve); err != nil {
		log.Fatal(err)
	}
}

func (p provider) GetProviderSchema(context.Context, *tfprotov5.GetProviderSchemaRequest) (*tfprotov5.GetProviderSchemaResponse, error) {
	return &tfprotov5.GetProviderSchemaResponse{
		Provider:          schemaOf(Block{}),
		ResourceSchemas:   schemasOf(p.schema.Resources),
		DataSourceSchemas: schemasOf(p.schema.Data),
	}, nil
}

func (p provider) PrepareProviderConfig(_ context.Context, asked *tfprotov5.PrepareProviderConfigRequest) (*tfprotov5.PrepareProviderConfigResponse, error) {
	return &tfprotov5.PrepareProviderConfigResponse{PreparedConfig: asked.Config}, nil
}

func (p provider) ValidateResourceTypeConfig(context.Context, *tfprotov5.ValidateResourceTypeConfigRequest) (*tfprotov5.ValidateResourceTypeConfigResponse, error) {
	return &tfprotov5.ValidateResourceTypeConfigResponse{}, nil
}

func (p provider) ValidateDataSourceConfig(context.Context, *tfprotov5.ValidateDataSourceConfigRequest) (*tfprotov5.ValidateDataSourceConfigResponse, error) {
	return &tfprotov5.ValidateDataSourceConfigResponse{}, nil
}

func (p provider) StopProvider(context.Context, *tfprotov5.StopProviderRequest) (*tfprotov5.StopProviderResponse, error) {
	return &tfprotov5.StopProviderResponse{}, nil
}

func schemasOf(blocks map[string]Block) map[string]*tfprotov5.Schema {
	made := map[string]*tfprotov5.Schema{}
	for name, block := range blocks {
		made[name] = schemaOf(block)
	}
	return made
}

func schemaOf(block Block) *tfprotov5.Schema {
	return &tfprotov5.Schema{Block: blockOf(block)}
}

func blockOf(block Block) *tfprotov5.SchemaBlock {
	made := &tfprotov5.SchemaBlock{}
	for name, each := range block.Attributes {
		made.Attributes = append(made.Attributes, &tfprotov5.SchemaAttribute{
			Name:     name,
			Type:     typeOf(each.Type),
			Required: each.Required,
			Optional: !each.Required && !each.Exported,
			// What is not given the service may fill in.
			Computed: !each.Required,
		})
	}
	for name, each := range block.Blocks {
		made.BlockTypes = append(made.BlockTypes, nestedOf(name, each))
	}
	return made
}

func nestedOf(name string, nested Nested) *tfprotov5.SchemaNestedBlock {
	made := &tfprotov5.SchemaNestedBlock{
		TypeName: name,
		Block:    blockOf(nested.Block),
		Nesting:  tfprotov5.SchemaNestedBlockNestingModeList,
	}
	if nested.Required {
		made.MinItems = 1
	}
	if nested.Single {
		made.MaxItems = 1
	}
	return made
}

func typeOf(written json.RawMessage) tftypes.Type {
	//nolint:staticcheck // the only reader of Terraform's own notation
	made, err := tftypes.ParseJSONType(written)
	if err != nil {
		log.Fatalf("%s: %v", written, err)
	}
	return made
}
