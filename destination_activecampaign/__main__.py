"""`python -m destination_activecampaign`: the same as the console command."""

from destination_activecampaign.run import run

if __name__ == "__main__":
    run()
